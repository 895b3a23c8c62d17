import { expect, test } from 'vitest';
import { ODD, randomScenario } from './random-scenario.ts';
import { type Scenario, storyOf } from './world.ts';

/** More, or others, with `WORLDS=5000 FIRST=1000 npx vitest run test/dispatch/random-worlds.test.ts`. */
const { WORLDS = '300', FIRST = '1' } = process.env;

/** What is wrong with the world of this seed, in words. */
async function wrongIn(
  seed: number,
  more: (seed: number) => Partial<Scenario> = () => ({}),
): Promise<string[]> {
  const { scenario: world, isGood, parts } = randomScenario(seed);
  const scenario = { ...world, ...more(seed) };
  const wrong: string[] = [];
  try {
    const story = await storyOf(scenario);
    if (story.hopeless !== undefined) wrong.push(`it stops: ${story.hopeless}`);
    else if (story.left > 0) wrong.push(`${story.left} pages are left`);
    for (let page = 1; page <= scenario.pages; page += 1) {
      const failure = story.failureOf(page);
      if (isGood(page) && failure && failure.message !== ODD) wrong.push(`page ${page}: ${failure.message}`);
    }
    const most = 3 * scenario.pages + 10;
    if (scenario.translator === 'warm' && story.asked > most) wrong.push(`${story.asked} pages asked`);
    if (story.loads > most) wrong.push(`${story.loads} loads`);
  } catch (error) {
    wrong.push(String(error));
  }
  return wrong.length > 0 ? [`seed ${seed}: ${wrong.join('; ')}\n${parts.join('\n')}`] : [];
}

test('each page of a random world has one end, and every one that can go well does', async () => {
  const wrong: string[] = [];
  for (let at = 0; at < Number(WORLDS); at += 1) wrong.push(...(await wrongIn(Number(FIRST) + at)));
  expect(wrong).toEqual([]);
}, 600_000);

/** Pages of one to ten GB on cards of 6, 9 and 12 GB, a limit on pages a minute for some, a queue by size for others. */
const limits = (seed: number): Partial<Scenario> => ({
  memory: (gpu) => (6 + 3 * (gpu % 3)) * 1e9,
  peakOf: (page) => (1 + ((page * 7919 + seed) % 10)) * 1e9,
  costOf: (page) => 1 + ((page * 7919 + seed) % 10),
  ...(seed % 2 === 0 && { pagesPerMinute: 1 + (seed % 120) }),
  ...(seed % 3 === 0 && { strategy: 'vram' as const }),
});

test('nor does it where pages wait for room or for their turn', async () => {
  const wrong: string[] = [];
  for (let at = 0; at < Number(WORLDS) / 6; at += 1)
    wrong.push(...(await wrongIn(Number(FIRST) + at, limits)));
  expect(wrong).toEqual([]);
}, 600_000);
