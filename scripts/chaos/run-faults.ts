import { closeMachine, openMachine } from './machine.ts';
import type { ChaosOptions } from './options.ts';
import { type FaultsResult, type SeedResult, seedText } from './seed-result.ts';
import { drawStory } from './story.ts';
import { checksTable, faultsTable } from './tables.ts';
import { type StoryResult, tellStory } from './tell-story.ts';

/** Tells stories until enough faults have hit, seed by seed. */
export async function runFaults(options: ChaosOptions, say: (text: string) => void): Promise<FaultsResult> {
  const machine = openMachine(options.jobs);
  const isKeeping = options.keep;
  let isLeft = false;
  const close = (): void => closeMachine(machine, { keep: isKeeping && isLeft });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      close();
      process.exit(code);
    });
  }
  const limits = {
    canMount: machine.smallDisks.length === options.jobs,
    canRefuse: machine.refusingDisk !== undefined,
    kinds: options.kinds,
  };
  if (!limits.canMount) say('disks that fill are left out: this user may not mount one');
  if (!limits.canRefuse) say('calls that fail are left out: there is no C compiler');
  const seeds: SeedResult[] = [];
  try {
    for (const seed of options.seeds) {
      const began = Date.now();
      const stories: StoryResult[] = [];
      let hits = 0;
      let index = options.only ?? 0;
      const tellSome = async (lane: number): Promise<void> => {
        while (options.only === undefined ? hits < options.faults : stories.length === 0 && lane === 0) {
          const story = drawStory(seed, index, limits);
          index += 1;
          const result = await tellStory(story, { machine, lane, keep: isKeeping });
          stories.push(result);
          hits += result.injected.length;
          if (result.violations.length > 0) isLeft = true;
          if (result.violations.length > 0 || options.only !== undefined) say(failureText(result, isKeeping));
        }
      };
      await Promise.all(Array.from({ length: options.jobs }, (_, lane) => tellSome(lane)));
      const result = { seed, stories, seconds: (Date.now() - began) / 1000 };
      seeds.push(result);
      say(`\n${seedText(result)}`);
    }
  } finally {
    close();
  }
  say(`\n${faultsTable(seeds, limits)}\n\n${checksTable(seeds)}`);
  return { seeds, limits };
}

/** Which story broke which promise, what happened in it, and how to tell it again. */
function failureText({ story, violations, steps, folder }: StoryResult, isKept: boolean): string {
  const [seed, index] = story.seed.split('/');
  const again = `npm run chaos -- --seed ${seed} --only ${index}`;
  return [
    `\nseed ${seed}, story ${index}: ${violations.length === 0 ? 'all is well' : `${violations.length} wrong`}   (${again})`,
    ...violations.map(({ check, text }) => `  ${check}: ${text}`),
    `  setting: ${JSON.stringify({ ...story.setting, pages: story.setting.pages.length, secrets: undefined })}`,
    ...steps.map((step) => `    ${step}`),
    ...(isKept && violations.length > 0 ? [`  left in ${folder}`] : []),
  ].join('\n');
}
