import { count, table } from '../bench/table.ts';
import { GROUPS, type StoryLimits } from './fault-kind.ts';
import { KINDS } from './kinds.ts';
import type { SeedResult } from './seed-result.ts';
import { CHECKS, type Check } from './violation.ts';

/** A line a kind: how often it hit, in how many stories, and in how many of these a promise was broken. */
export function faultsTable(seeds: readonly SeedResult[], { canMount, canRefuse }: StoryLimits): string {
  const stories = seeds.flatMap((seed) => seed.stories);
  const rows = KINDS.map(({ name, group }) => {
    const hit = stories.filter(({ injected }) => injected.includes(name));
    const hits = hit.reduce((sum, { injected }) => sum + injected.filter((each) => each === name).length, 0);
    const isLeftOut = (group === 'disk' && !canMount) || (group === 'calls' && !canRefuse);
    const broken = hit.filter(({ violations }) => violations.length > 0).length;
    const figures = isLeftOut ? ['left out', '', ''] : [count(hits), count(hit.length), count(broken)];
    return [`${GROUPS[group]}: ${name}`, ...figures];
  });
  const all = stories.reduce((sum, { injected }) => sum + injected.length, 0);
  const broken = stories.filter(({ violations }) => violations.length > 0).length;
  return table(
    ['fault', 'times', 'stories', 'of these broken'],
    [...rows, ['**all**', count(all), count(stories.length), count(broken)]],
  );
}

/** A line a promise. */
export function checksTable(seeds: readonly SeedResult[]): string {
  const stories = seeds.flatMap((seed) => seed.stories);
  const rows = (Object.keys(CHECKS) as Check[]).map((check) => {
    const broken = stories.filter(({ violations }) => violations.some((each) => each.check === check));
    return [CHECKS[check], count(stories.length), count(broken.length)];
  });
  return table(['promise', 'stories', 'broken'], rows);
}
