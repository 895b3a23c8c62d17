import {
  bad,
  blackHole,
  breaks,
  busy,
  type Ended,
  failed,
  firstOf,
  lost,
  type PageNature,
  type StartNature,
} from './natures.ts';
import type { Scenario, World } from './world.ts';

/** A world made by chance, and which of its pages are good somewhere. */
export interface RandomScenario {
  readonly scenario: Scenario;
  readonly isGood: (page: number) => boolean;
  /** What it is made of, in words, for a test's message. */
  readonly parts: readonly string[];
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const BROKEN = 'RuntimeError: CUDA error: device-side assert triggered';
/** Words of a broken process that are in no list: a page may be taken for bad where no control can be afforded any more. */
export const ODD = 'it is broken';

/** A small world: some pages, some devices, and a few of all the things that go wrong. */
export function randomScenario(seed: number): RandomScenario {
  const random = randomFrom(seed);
  const chance = (share: number): boolean => random() < share;
  const from = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[Math.floor(random() * choices.length)] ?? choices[0];
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

  const translator = from('warm', 'warm', 'warm', 'tells', 'raises', 'passes-over');
  const pages = between(1, 60);
  const gpus = between(1, 3);
  const workers = from(1, 1, 2, 3);
  const natures: PageNature[] = [];
  const never = new Set<number>();
  const parts: string[] = [`${translator}, ${pages} pages, ${gpus} devices of ${workers}`];
  const somePages = (share: number): Set<number> =>
    new Set(Array.from({ length: pages }, (_, at) => at + 1).filter(() => chance(share)));

  // Of few pages all may be tried out on bad devices before a good one has done any.
  if (gpus > 1 && pages >= 12 && chance(0.3)) {
    const holes = Array.from({ length: between(1, gpus - 1) }, (_, at) => at);
    parts.push(`black holes ${holes}`);
    natures.push(blackHole(holes, failed('no kernel image is available')));
  }
  if (chance(0.4)) {
    const which = somePages(from(0.05, 0.15, 0.3));
    const same = chance(0.5);
    const end: Ended | PageNature = same ? failed(from('ODD', 'KeyError: text')) : failed('');
    for (const page of which) never.add(page);
    parts.push(`bad pages ${[...which]}, ${same ? 'same words' : 'own words'}`);
    const ownWords = ({ page }: { page: number }): Ended => failed(`ValueError: ${'x'.repeat(page)}`);
    natures.push(bad((page) => which.has(page), same ? end : ownWords));
  }
  if (chance(0.3)) {
    const page = between(1, pages);
    // Odd words are told from those of bad pages only as long as controls are not too dear.
    const end = failed(never.size > 0 ? BROKEN : from(BROKEN, ODD), from('error', 'error', 'oom'));
    never.add(page);
    parts.push(`page ${page} breaks its process: ${JSON.stringify(end)}`);
    natures.push(breaks((other) => other === page, end));
  }
  if (chance(0.2)) {
    const page = between(1, pages);
    never.add(page);
    parts.push(`page ${page} ends its process`);
    natures.push(bad((other) => other === page, lost('SIGSEGV')));
  }
  if (translator === 'warm' && workers > 1 && chance(0.3)) {
    const large = somePages(0.15);
    parts.push(`large pages ${[...large]}`);
    natures.push(({ page, beside }) =>
      large.has(page) && beside.size > 0 ? failed('CUDA out of memory', 'oom') : undefined,
    );
  }
  if (chance(0.2)) {
    const since = between(0, 20);
    const until = since + between(1, 20);
    const words = 'RateLimitError: Error code: 429';
    parts.push(`a service that refuses from ${since} to ${until}`);
    natures.push(({ seconds }) =>
      seconds >= since && seconds < until ? (translator === 'warm' ? busy(words) : failed(words)) : undefined,
    );
  }
  const starts: StartNature[] = [];
  if (workers > 1 && chance(0.3)) {
    const most = between(1, workers - 1);
    parts.push(`${most} workers fit`);
    starts.push(({ beside }) => (beside >= most ? 'CUDA out of memory' : undefined));
  }
  if (chance(0.15)) {
    parts.push('no two load at once');
    starts.push(({ together }) => (together > 0 ? 'SIGKILL' : undefined));
  }
  const events: { at: number; act: (world: World) => void }[] = [];
  if (chance(0.2)) {
    const at = between(1, 30);
    parts.push(`a slot joins at ${at}`);
    events.push({ at, act: (world) => world.join(world.slot(gpus - 1, workers)) });
  }
  if (gpus * workers > 1 && !parts.some((part) => /^black|fit$/.test(part)) && chance(0.2)) {
    const at = between(1, 30);
    parts.push(`a slot retires at ${at}`);
    events.push({ at, act: (world) => world.retire(world.slot(0, 0)) });
  }
  const loads = Array.from({ length: gpus }, () => from(0.5, 2, 8, 30));
  const lengths = Array.from({ length: pages + 1 }, () => 0.2 + random() * 3);
  const ahead = from(undefined, 'hold' as const, 'send' as const);
  const strategy = from('dynamic' as const, 'dynamic' as const, 'even' as const);
  parts.push(`ahead ${ahead}, ${strategy}, loads ${loads}`);
  return {
    isGood: (page) => !never.has(page),
    parts,
    scenario: {
      pages,
      gpus,
      workers,
      translator,
      namesPages: chance(0.5),
      strategy,
      ahead,
      loadSeconds: ({ gpu }) => loads[gpu?.index ?? 0] ?? 2,
      pageSeconds: ({ page }) => lengths[page] ?? 1,
      page: firstOf(...natures),
      start: (start) => starts.map((nature) => nature(start)).find((words) => words !== undefined),
      events,
    },
  };
}
