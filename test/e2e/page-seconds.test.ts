import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Place } from './rig.ts';

const SCRIPT = path.resolve(import.meta.dirname, '../fixtures/naming_translate.py');
const PAGES = Array.from({ length: 8 }, (_, n) => `${n + 1}.png`);
const SECONDS = 0.4;

/** Seconds of the pages in a run with a script of this habit, and what the table says. */
async function secondsWith(env: Readonly<Record<string, string>>) {
  const place = await Place.make({ pages: PAGES, gpus: 1, script: false });
  const run = place.start({
    args: ['--translator', SCRIPT],
    env: { PAGE_SECONDS: `${SECONDS}`, PYTHONUNBUFFERED: '1', ...env },
  });
  expect(await run.exit).toBe(0);
  const seconds = run.of('page-finished').flatMap((page) => page.seconds ?? []);
  const report = place.start({ argv: ['report', 'input-translated', '--json'] });
  expect(await report.exit).toBe(0);
  const { gpus } = report.events[0] as unknown as {
    gpus: { secondsPerPage: number; secondsPerLoad: number }[];
  };
  return { seconds, gpu: gpus[0] };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

describe('seconds of a script that', () => {
  test.each([
    ['names a page before its work', { HABIT: 'before' }, 8],
    ['names a page after it was saved', { HABIT: 'after' }, 7],
    ['names no page', { HABIT: '' }, 7],
    ["keeps its sources' times", { HABIT: 'after', STAMP: 'copy2' }, 7],
  ])('%s', async (_name, env, timed) => {
    const { seconds, gpu } = await secondsWith(env);
    expect(seconds).toHaveLength(timed);
    // What a launcher on a busy machine hears late of one page is missing from the next one.
    for (const each of seconds) expect(each).toBeGreaterThan(SECONDS * 0.01);
    expect(median(seconds)).toBeGreaterThan(SECONDS * 0.9);
    expect(median(seconds)).toBeLessThan(SECONDS * 1.3);
    expect(gpu?.secondsPerPage).toBeCloseTo(seconds.reduce((sum, one) => sum + one, 0) / timed, 2);
  });

  test('works on four pages at a time', async () => {
    const { seconds } = await secondsWith({ HABIT: 'after', POOL: '4', PAGE_SECONDS: '1' });
    expect(seconds.length).toBeGreaterThanOrEqual(4);
    const total = seconds.reduce((sum, one) => sum + one, 0);
    expect(total).toBeGreaterThan(0.9);
    expect(total).toBeLessThan(1.6);
    expect(Math.min(...seconds)).toBeGreaterThan(median(seconds) / 100);
  });
});
