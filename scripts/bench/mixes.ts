import { createHash } from 'node:crypto';

/** What every mix is measured with, unless a table says otherwise. */
export const SLOTS = 8;
/** As long as five pages: a real one's models take seconds, and so do its pages. */
export const LOAD_SECONDS = 1;
export const NS_PER_PIXEL = 200;

const PAGES_A_FOLDER = 60;
/** 0.22 s: short enough for the whole table in twenty minutes, long enough that start-up isn't the figure. */
const SINGLE = { width: 877, height: 1233 };

/** A page to be: where, and how large. */
export interface SimulatedPage {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface Mix {
  readonly name: string;
  /** For people: what the pages are like. */
  readonly about: string;
  readonly pages: readonly SimulatedPage[];
}

/** How many pages, and how large a single one is, as a share of a full-sized one. */
export interface MixSize {
  readonly pages: number;
  readonly area: number;
}

type Sizes = (size: MixSize) => readonly { readonly width: number; readonly height: number }[];

const single = (area: number, times = 1) => ({
  width: Math.round(SINGLE.width * Math.sqrt(area)),
  height: Math.max(1, Math.round(SINGLE.height * Math.sqrt(area) * times)),
});

const indices = (pages: number): number[] => Array.from({ length: pages }, (_, at) => at);

/** A number between 0 and 1 that looks like chance and is the same at every run. */
const chance = (what: string): number =>
  (createHash('sha256').update(what).digest().readUInt32BE() + 0.5) / 2 ** 32;

/** Of twenty pages about sixteen singles, three spreads and a strip. */
function mangaLike(at: number, draw: number): number {
  const kind = chance(`kind ${draw} ${at}`);
  if (kind < 0.05) return 6;
  return kind < 0.2 ? 2 : 1;
}

/** Log-normal with σ = 1, by Box and Muller's way. */
function logNormal(at: number, draw: number): number {
  const radius = Math.sqrt(-2 * Math.log(chance(`radius ${draw} ${at}`)));
  return Math.exp(radius * Math.cos(2 * Math.PI * chance(`angle ${draw} ${at}`)));
}

/** How many random orders of a mix the one that is measured is chosen from. */
export const DRAWS = 101;

/**
 * Times of pages whose order is chance: of many draws the one in which a plain queue without any overhead ends neither sooner
 * nor later than in most. The pages that happen to come last decide how long slots stand idle: with one draw, luck would.
 */
function fairDraw(pages: number, timeOf: (at: number, draw: number) => number): number[] {
  const draws = indices(DRAWS).map((draw) => {
    const times = indices(pages).map((at) => timeOf(at, draw));
    const mean = times.reduce((sum, each) => sum + each, 0) / pages;
    return times.map((each) => each / mean);
  });
  const byEnd = draws
    .map((times) => ({ times, end: endOfQueue(times) }))
    .sort((one, other) => one.end - other.end);
  return byEnd[(DRAWS - 1) / 2]?.times ?? [];
}

/** When all is done where each slot takes the next page as soon as it is free. */
function endOfQueue(times: readonly number[]): number {
  const slots: number[] = new Array(SLOTS).fill(0);
  for (const time of times) {
    const next = slots.indexOf(Math.min(...slots));
    slots[next] = (slots[next] ?? 0) + time;
  }
  return Math.max(...slots);
}

const MIXES: readonly { readonly name: string; readonly about: string; readonly sizes: Sizes }[] = [
  {
    name: 'equal',
    about: 'all of one size',
    sizes: ({ pages, area }) => indices(pages).map(() => single(area)),
  },
  {
    name: 'manga',
    about: '80 % single pages, 15 % spreads (twice as large), 5 % strips (six times)',
    sizes: ({ pages, area }) => fairDraw(pages, mangaLike).map((times) => single(area, times)),
  },
  {
    name: 'skewed',
    about: 'most are small, a few many times as large (log-normal, σ = 1)',
    sizes: ({ pages, area }) => fairDraw(pages, logNormal).map((times) => single(area, times)),
  },
  {
    name: 'giant',
    about: 'one giant at the very end, half as long as a slot’s share of everything',
    sizes: ({ pages, area }) =>
      indices(pages).map((at) => single(area, at === pages - 1 ? pages / (2 * SLOTS) : 1)),
  },
];

export const MIX_NAMES: readonly string[] = MIXES.map((mix) => mix.name);

/** One of the mixes. Every file name is there once, so that a fault can be tied to it. */
export function makeMix(name: string, size: MixSize): Mix {
  const kind = MIXES.find((mix) => mix.name === name);
  if (kind === undefined) throw new Error(`there is no mix ${name}`);
  return { name, about: kind.about, pages: placed(kind.sizes(size), PAGES_A_FOLDER) };
}

/** Pages that cost nothing but their handling. */
export const tinyMix = (pages: number): Mix => ({
  name: 'tiny',
  about: 'of no work at all',
  pages: placed(
    indices(pages).map(() => ({ width: 16, height: 16 })),
    1000,
  ),
});

/** Equal pages that take so many seconds each. */
export const equalPagesOf = (seconds: number, pages: number): Mix => ({
  ...mixOfSeconds('equal', new Array<number>(pages).fill(seconds)),
  about: `all of ${seconds} s`,
});

/** Pages that take these seconds, in this order. */
export const mixOfSeconds = (name: string, seconds: readonly number[]): Mix => ({
  name,
  about: 'of given times',
  pages: placed(
    seconds.map((each) => ({ width: 1000, height: Math.round((each * 1e9) / NS_PER_PIXEL / 1000) })),
    PAGES_A_FOLDER,
  ),
});

/** Seconds of work on one GPU. */
export const secondsOf = ({ width, height }: { readonly width: number; readonly height: number }): number =>
  width * height * NS_PER_PIXEL * 1e-9;

/**
 * The seconds that no launcher can beat: the models loaded once, everywhere at once, then all GPUs at work to the end, or the
 * longest page. `speed` is that of all GPUs together, in whole GPUs.
 */
export function bestSeconds(pages: readonly SimulatedPage[], speed = SLOTS): number {
  const work = pages.reduce((sum, page) => sum + secondsOf(page), 0);
  const longest = pages.reduce((most, page) => Math.max(most, secondsOf(page)), 0);
  return LOAD_SECONDS + Math.max(work / speed, longest);
}

function placed(
  sizes: readonly { readonly width: number; readonly height: number }[],
  aFolder: number,
): SimulatedPage[] {
  return sizes.map((size, at) => {
    const folder = String(Math.floor(at / aFolder) + 1).padStart(3, '0');
    return { id: `${folder}/${folder}-${String((at % aFolder) + 1).padStart(4, '0')}.png`, ...size };
  });
}
