import { availableParallelism } from 'node:os';
import path from 'node:path';
import { workerEnvironment } from '../devices/slots.ts';
import type { Redactor } from '../model/redact.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Slot } from '../model/slot.ts';
import { nodeEnvironment } from '../run/cluster/node-environment.ts';
import type { ResolvedRun } from '../run/resolve-run.ts';
import { BatchFolder } from '../store/outputs/batch-folder.ts';
import { workOf } from '../store/outputs/run-folders.ts';
import type { RunPlan } from './plan-schema.ts';

/** What the run starts first, as it starts it: program, arguments and what is set for it. Secrets are taken out. */
export function firstWorker(
  {
    translator,
    folders,
    remote,
    cluster,
  }: Pick<ResolvedRun, 'translator' | 'folders' | 'remote' | 'cluster'>,
  {
    slots,
    env,
    redact,
    options,
  }: {
    slots: readonly Slot[];
    env: NodeJS.ProcessEnv;
    redact: Redactor;
    options: Pick<RunOptions, 'passEnv'>;
  },
): RunPlan['firstWorker'] {
  const slot = slots[0] ?? { id: 'cpu-0', gpu: null };
  if (remote && cluster) {
    const { file, args, cwd, env: own } = remote.command(slot);
    const node = cluster.nodesAtFirst.find(({ label }) => label === slot.gpu?.node);
    const onNode = slots.filter(({ gpu }) => gpu?.node === slot.gpu?.node).length;
    const cores = node?.cores ?? 1;
    const set = nodeEnvironment(slot, { cores, workers: onNode, env, passed: options.passEnv });
    return {
      slot: slot.id,
      command: redact.options([file, ...args]),
      cwd: cwd === '' ? '{work}' : cwd,
      env: redact.options({ ...set, ...own }),
    };
  }
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
