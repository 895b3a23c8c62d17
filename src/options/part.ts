import { MOST_PARTS, type Part } from '../model/part.ts';
import type { Environment } from './find-values.ts';
import type { AskedPart } from './machine-types.ts';

/** The part that was asked for, `auto` taken from a Slurm array or a Kubernetes index; a text says why that can't be. */
export function resolvePart(asked: AskedPart, env: Environment): Part | string {
  if (!('auto' in asked)) return asked;
  if (env.SLURM_ARRAY_TASK_ID !== undefined) return slurmPart(env, asked.of);
  if (env.JOB_COMPLETION_INDEX !== undefined) return kubernetesPart(env.JOB_COMPLETION_INDEX, asked.of);
  return 'neither a Slurm array (SLURM_ARRAY_TASK_ID) nor a Kubernetes index (JOB_COMPLETION_INDEX) is set here; use i/N';
}

const wholeNumber = (given: string | undefined): number | undefined =>
  given !== undefined && /^\d{1,9}$/.test(given) ? Number(given) : undefined;

function slurmPart(env: Environment, wanted: number | undefined): Part | string {
  const id = wholeNumber(env.SLURM_ARRAY_TASK_ID);
  const of = wholeNumber(env.SLURM_ARRAY_TASK_COUNT) ?? wanted;
  const first = wholeNumber(env.SLURM_ARRAY_TASK_MIN);
  const step = wholeNumber(env.SLURM_ARRAY_TASK_STEP) ?? 1;
  if (id === undefined) return 'SLURM_ARRAY_TASK_ID is not a whole number; use i/N';
  if (of === undefined) return 'SLURM_ARRAY_TASK_COUNT is not set; give the number of parts: auto/N';
  if (of > MOST_PARTS) return `the Slurm array has ${of} tasks, but there can be at most ${MOST_PARTS} parts`;
  if (first === undefined) return 'SLURM_ARRAY_TASK_MIN is not set; use i/N';
  if (wanted !== undefined && wanted !== of)
    return `the Slurm array has ${of} task${of === 1 ? '' : 's'}, not ${wanted}; use i/N`;
  const last = wholeNumber(env.SLURM_ARRAY_TASK_MAX);
  const index = (id - first) / step + 1;
  // A list like 1,3,8 has a count, but no task can tell its place in it.
  const hasGaps = last !== undefined && last - first !== (of - 1) * step;
  if (hasGaps || !Number.isInteger(index) || index < 1 || index > of)
    return "the Slurm array has gaps, so its tasks can't be numbered as parts; use i/N";
  return { index, of };
}

function kubernetesPart(completionIndex: string, of: number | undefined): Part | string {
  const index = wholeNumber(completionIndex);
  if (index === undefined) return 'JOB_COMPLETION_INDEX is not a whole number; use i/N';
  if (of === undefined) return 'Kubernetes provides the index, but not the number of parts; give it: auto/N';
  if (index >= of)
    return `JOB_COMPLETION_INDEX is ${index}, which counts from 0: there is no part ${index + 1} of ${of}`;
  return { index: index + 1, of };
}
