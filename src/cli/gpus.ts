import prettyBytes from 'pretty-bytes';
import type { DetectedGpus } from '../devices/detect.ts';
import type { GpuTool } from '../devices/gpu-tools.ts';
import { memoryMostlyTaken, takenPercent, whyUnusable } from '../devices/select.ts';
import { type VisibleGpus, visibleGpus } from '../devices/visible.ts';
import { escapeControls } from '../model/escape-controls.ts';
import type { Gpu, UnusableCard } from '../model/slot.ts';
import { type Paint, PLAIN_PAINT } from '../report/colours.ts';
import { type TextColumn, textTable } from '../report/text-table.ts';
import { wrapWords } from '../report/text-width.ts';

/** One device or card of the machine, as `gpus` tells of it. */
interface GpuLine {
  readonly index: number;
  readonly vendor: Gpu['vendor'];
  readonly name?: string;
  readonly uuid?: string;
  readonly memoryTotalBytes?: number;
  readonly memoryFreeBytes?: number;
  /** 0 to 1 */
  readonly utilisation?: number;
  /** True where `--gpus auto` takes it. */
  readonly auto: boolean;
  /** Why `auto` leaves it out. */
  readonly leftOut?: string;
  /** What speaks against it although it may be taken. */
  readonly warning?: string;
}

/** What `gpus --json` prints. */
interface GpusReport {
  /** The tool that listed them; missing where none did. */
  readonly tool?: GpuTool;
  readonly gpus: readonly GpuLine[];
  /** What `--gpus auto` takes, as a list for `--gpus`. */
  readonly auto: readonly number[];
  /** What went wrong on the way, tool by tool. */
  readonly troubles: readonly string[];
}

/** What there is and who would be taken by `auto`. Card by card, each followed by its MIG devices. */
export function gpusReport({
  detected,
  env,
}: {
  readonly detected: DetectedGpus;
  readonly env: NodeJS.ProcessEnv;
}): GpusReport {
  const visible = visibleGpus(detected, env);
  const devices = detected.gpus.map((gpu) => deviceLine(gpu, visible));
  const cards = detected.unusable.map(cardLine);
  return {
    ...(detected.tool !== undefined && { tool: detected.tool }),
    gpus: [...devices, ...cards].sort((a, b) => a.index - b.index),
    auto: visible.gpus.map((gpu) => gpu.index),
    troubles: detected.troubles,
  };
}

/** The report as text that ends with a newline: a table, what `auto` takes, and why the others are left out. */
export function formatGpus(
  report: GpusReport,
  { bold, dim, yellow }: Paint = PLAIN_PAINT,
  columns?: number,
): string {
  const lines: string[] = [];
  const wrap = (line: string, indent: number): string => wrapWords(escapeControls(line), columns, indent);
  if (report.gpus.length === 0) {
    lines.push('no GPU was found', ...report.troubles.map((trouble) => wrap(`  ${trouble}`, 4)));
    lines.push(dim('--gpus cpu needs none; --gpus 0,1 uses the GPUs that you name'));
    return `${lines.join('\n')}\n`;
  }
  const table = textTable(report.gpus, COLUMNS, columns);
  lines.push(bold(table.head));
  for (const [at, gpu] of report.gpus.entries()) {
    const row = table.lines[at] ?? '';
    lines.push(gpu.auto ? row : dim(row));
    if (gpu.leftOut) lines.push(dim(wrap(`       not used: ${gpu.leftOut}`, 9)));
    if (gpu.warning) lines.push(yellow(wrap(`       warning: ${gpu.warning}`, 9)));
  }
  lines.push('', `--gpus auto uses: ${report.auto.join(',') || 'none'}`);
  lines.push(dim(`listed by ${report.tool ?? 'no tool'}`));
  lines.push(...report.troubles.map((trouble) => yellow(wrap(trouble, 2))));
  return `${lines.join('\n')}\n`;
}

function deviceLine(gpu: Gpu, visible: VisibleGpus): GpuLine {
  const auto = visible.gpus.includes(gpu);
  return {
    ...figures(gpu),
    auto,
    ...(!auto && { leftOut: `${visible.limitedBy} hides it` }),
    ...(memoryMostlyTaken(gpu) && { warning: `${takenPercent(gpu)} % of its memory is already in use` }),
  };
}

function cardLine({ gpu, why, migDevices }: UnusableCard): GpuLine {
  const numbers = migDevices.map((device) => device.index).join(', ');
  const instead =
    numbers === '' ? 'it has no MIG device yet' : `its MIG devices are used instead: ${numbers}`;
  const leftOut = why === 'mig-mode' ? `in MIG mode; ${instead}` : whyUnusable(why);
  return { ...figures(gpu), auto: false, leftOut };
}

function figures({ visibleAs: _, ...figures }: Gpu): Omit<GpuLine, 'auto'> {
  return figures;
}

const COLUMNS: readonly TextColumn<GpuLine>[] = [
  { head: 'GPU', cell: ({ index }) => String(index) },
  { head: 'name', cell: ({ name = '-' }) => name, side: 'left', least: 12 },
  { head: 'memory free', cell: ({ memoryFreeBytes }) => size(memoryFreeBytes) },
  { head: 'of', cell: ({ memoryTotalBytes }) => size(memoryTotalBytes), mayMove: true },
  {
    head: 'use',
    cell: ({ utilisation }) => (utilisation === undefined ? '-' : `${Math.round(utilisation * 100)} %`),
    mayMove: true,
  },
  { head: 'UUID', cell: ({ uuid = '-' }) => uuid, side: 'left', mayMove: true },
];

function size(bytes: number | undefined): string {
  return bytes === undefined ? '-' : prettyBytes(bytes, { binary: true, maximumFractionDigits: 1 });
}
