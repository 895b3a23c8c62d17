import { usageError } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';

/** @throws Refusal (2) for options that are each good, and contradict one another */
export function refuseTogether(options: RunOptions): void {
  const { workersPerGpu, strategy } = options;
  if (workersPerGpu === 'auto' && strategy !== 'auto' && strategy !== 'dynamic')
    throw usageError(
      `--workers-per-gpu auto and --strategy ${strategy} can't be combined: pages are dealt to a fixed number of workers`,
      'use --strategy dynamic, or give a number of workers',
    );
  refuseBesideCluster(options);
}

/** @throws Refusal (2) for options that say which GPUs of this machine, where those of a cluster are Ray's affair */
function refuseBesideCluster({ engine, gpus, strategy }: RunOptions): void {
  if (engine === 'local') return;
  if (!['auto', 'all'].includes(gpus.trim().toLowerCase()))
    throw usageError(
      `--engine ray and --gpus ${gpus} can't be combined: Ray says which GPUs are free`,
      'leave it out, or say how many: --ray-gpus 4',
    );
  if (strategy === 'even' || strategy === 'balanced')
    throw usageError(
      `--engine ray and --strategy ${strategy} can't be combined: GPUs join as they become free`,
      'leave it out: --strategy dynamic is the default',
    );
}
