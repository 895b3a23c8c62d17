import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

const OWN = /^(?:ledger(?:\.\d+-of-\d+)?\.ndjson|runs)$/;
const STORY = new Set(['input', 'output', 'home', 'tmp', 'stage', 'refused']);

/** Nothing but outputs, ledgers and the records of runs stays. */
export async function checkTemporary({ output, work, root }: Scene): Promise<Violation[]> {
  const left: string[] = [];
  const look = async (folder: string, isOurs: (name: string) => boolean, deep = false): Promise<void> => {
    for (const name of await readdir(folder, { recursive: deep }).catch(() => [])) {
      if (!isOurs(name)) left.push(join(folder, name));
    }
  };
  await look(join(output, '.mgpu'), (name) => OWN.test(name));
  await look(join(output, '.mgpu/runs'), (name) => !/\.(?:part|tmp)$/.test(name), true);
  await look(output, (name) => !/(?:^|\/)\.(?!mgpu(?:\/|$))|\.part$/.test(name), true);
  await look(join(root, 'tmp'), () => false);
  await look(root, (name) => STORY.has(name));
  if (work !== undefined) await look(work, () => false);
  return left.map((text) => ({ check: 'temporary', text }));
}
