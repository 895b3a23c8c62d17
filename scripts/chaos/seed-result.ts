import type { StoryLimits } from './fault-kind.ts';
import type { StoryResult } from './tell-story.ts';

/** What came of all stories of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly stories: readonly StoryResult[];
  readonly seconds: number;
}

/** What came of all seeds, on a machine that can do this much. */
export interface FaultsResult {
  readonly seeds: readonly SeedResult[];
  readonly limits: StoryLimits;
}

/** True where every promise was kept. */
export const isSound = ({ seeds }: FaultsResult): boolean =>
  seeds.every(({ stories }) => stories.every(({ violations }) => violations.length === 0));

/** A line that sums a seed up. */
export function seedText({ seed, stories, seconds }: SeedResult): string {
  const faults = stories.reduce((sum, { injected }) => sum + injected.length, 0);
  const runs = stories.reduce((sum, each) => sum + each.runs, 0);
  const failed = stories.filter(({ violations }) => violations.length > 0).length;
  const longest = Math.max(0, ...stories.map(({ longestSeconds }) => longestSeconds));
  return (
    `seed ${seed}: ${faults} faults in ${stories.length} stories of ${runs} runs, ${Math.round(seconds)} s; ` +
    `${failed} stories with something wrong; the longest run ended ${longest.toFixed(1)} s after its last fault`
  );
}
