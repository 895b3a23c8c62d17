import { availableParallelism } from 'node:os';
import path from 'node:path';
import { workerEnvironment } from '../devices/slots.ts';
import type { Redactor } from '../model/redact.ts';
import type { Slot } from '../model/slot.ts';
import type { ResolvedRun } from '../run/resolve-run.ts';
import { BatchFolder } from '../store/outputs/batch-folder.ts';
import { workOf } from '../store/outputs/run-folders.ts';
import type { RunPlan } from './plan-schema.ts';

/** What the run starts first, as it starts it: program, arguments and what is set for it. Secrets are taken out. */
export function firstWorker(
  { translator, folders }: Pick<ResolvedRun, 'translator' | 'folders'>,
  { slots, env, redact }: { slots: readonly Slot[]; env: NodeJS.ProcessEnv; redact: Redactor },
): RunPlan['firstWorker'] {
  const slot = slots[0] ?? { id: 'cpu-0', gpu: null };
  const { input, output } = new BatchFolder(path.join(workOf('RUN', folders), slot.id, '1'));
  const command =
    translator.kind === 'warm'
      ? translator.command(slot)
      : translator.command({ input, output, ...(translator.takesOnePage && { page: 'PAGE' }) }, slot);
  const set = workerEnvironment({ slot, slots, env, cores: availableParallelism() });
  return {
    slot: slot.id,
    command: redact.options([command.file, ...command.args]),
    cwd: command.cwd,
    env: redact.options({ ...set, ...command.env }),
  };
}
