import { expect, test } from 'vitest';
import { resolvePart } from '../../src/options/part.ts';

const slurm = (id: number, count: number, min: number, more: Record<string, string> = {}) => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_COUNT: String(count),
  SLURM_ARRAY_TASK_MIN: String(min),
  ...more,
});

test('counts the tasks of a Slurm array from its first', () => {
  expect(resolvePart({ auto: true }, slurm(1, 4, 1))).toEqual({ index: 1, of: 4 });
  expect(resolvePart({ auto: true }, slurm(13, 4, 10))).toEqual({ index: 4, of: 4 });
  const everyOther = { SLURM_ARRAY_TASK_STEP: '2', SLURM_ARRAY_TASK_MAX: '7' };
  expect(resolvePart({ auto: true }, slurm(5, 4, 1, everyOther))).toEqual({ index: 3, of: 4 });
});

test('refuses a Slurm array with gaps in all of its tasks, so that no part is lost unseen', () => {
  for (const id of [1, 3, 8])
    expect(resolvePart({ auto: true }, slurm(id, 3, 1, { SLURM_ARRAY_TASK_MAX: '8' }))).toContain('gaps');
});

test('refuses another number of parts than the Slurm array has', () => {
  expect(resolvePart({ auto: true, of: 4 }, slurm(3, 1, 3))).toContain('has 1 task, not 4');
});

test('takes a Kubernetes index, which counts from 0, with the number of parts given', () => {
  expect(resolvePart({ auto: true, of: 4 }, { JOB_COMPLETION_INDEX: '0' })).toEqual({ index: 1, of: 4 });
  expect(resolvePart({ auto: true }, { JOB_COMPLETION_INDEX: '0' })).toContain('auto/N');
  expect(resolvePart({ auto: true, of: 4 }, { JOB_COMPLETION_INDEX: '4' })).toContain('no part 5 of 4');
});

test('a part that was named needs no platform', () => {
  expect(resolvePart({ index: 2, of: 3 }, slurm(1, 4, 1))).toEqual({ index: 2, of: 3 });
});
