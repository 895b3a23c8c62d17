import { readFileSync } from 'node:fs';
import type { DetectedGpus } from '../../src/devices/detect.ts';
import { nvidiaGpus, parseMigDevices, parseNvidiaQuery } from '../../src/devices/nvidia.ts';
import type { RunTool, ToolEnd } from '../../src/devices/run-tool.ts';
import type { Gpu } from '../../src/model/slot.ts';

/** A recorded output of a GPU tool. */
export const recorded = (name: string): string =>
  readFileSync(new URL(`../fixtures/gpus/${name}`, import.meta.url), 'utf8');

export const exits = (stdout: string, code: number | null = 0, stderr = ''): ToolEnd => ({
  by: 'exit',
  code,
  stdout,
  stderr,
});

/** Tools that answer by the first word that their command line holds; the others aren't installed. */
export const tools =
  (answers: Readonly<Record<string, ToolEnd>>, calls: string[] = []): RunTool =>
  async ({ command, args }) => {
    const line = [command, ...args].join(' ');
    calls.push(line);
    const found = Object.entries(answers).find(([part]) => line.includes(part));
    return found?.[1] ?? { by: 'missing' };
  };

/** What is detected where nvidia-smi printed this. */
export function detectedNvidia(csv: string, list = ''): DetectedGpus {
  const { cards } = parseNvidiaQuery(recorded(csv), { mig: true });
  const migDevices = list === '' ? [] : parseMigDevices(recorded(list));
  return { ...nvidiaGpus(cards, migDevices), tool: 'nvidia-smi', troubles: [] };
}

/** A machine with this many equal cards. */
export const machineWith = (count: number, vendor: Gpu['vendor'] = 'nvidia'): DetectedGpus => ({
  gpus: Array.from({ length: count }, (_, index) => ({
    index,
    vendor,
    uuid: `GPU-${index}aaaaaaa-0000-0000-0000-00000000000${index}`,
    name: 'Tesla T4',
    visibleAs: String(index),
  })),
  unusable: [],
  tool: vendor === 'amd' ? 'amd-smi' : 'nvidia-smi',
  troubles: [],
});

export const nothingDetected: DetectedGpus = {
  gpus: [],
  unusable: [],
  troubles: ['nvidia-smi: not installed', 'amd-smi: not installed', 'rocm-smi: not installed'],
};
