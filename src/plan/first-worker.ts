import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Slot } from '../gpus/gpu.ts';
import { workerEnvironment } from '../gpus/slots.ts';
import { BatchFolder } from '../run/batch-folder.ts';
import { workOf } from '../run/output-folder.ts';
import type { PlannedRun } from '../run/plan-run.ts';
import type { Redactor } from '../run/redact.ts';
import type { RunPlan } from './plan-schema.ts';

/** What the run starts first, as it starts it: program, arguments and what is set for it. Secrets are taken out. */
export function firstWorker(
  { translator, folders }: Pick<PlannedRun, 'translator' | 'folders'>,
  { slots, env, redact }: { slots: readonly Slot[]; env: NodeJS.ProcessEnv; redact: Redactor },
): RunPlan['firstWorker'] {
  const slot = slots[0] ?? { id: 'cpu-0', gpu: null };
  const command =
    translator.kind === 'warm'
      ? translator.command(slot)
      : translator.command(new BatchFolder(path.join(workOf('RUN', folders), slot.id, '1')), slot);
  const set = workerEnvironment({ slot, slots, env, cores: availableParallelism() });
  return {
    slot: slot.id,
    command: redact.options([command.file, ...command.args]),
    cwd: command.cwd,
    env: redact.options({ ...set, ...command.env }),
  };
}
