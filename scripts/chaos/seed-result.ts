import type { StoryResult } from './tell-story.ts';

/** What came of all stories of one seed. */
export interface SeedResult {
  readonly seed: number;
  readonly stories: readonly StoryResult[];
  readonly seconds: number;
}

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
