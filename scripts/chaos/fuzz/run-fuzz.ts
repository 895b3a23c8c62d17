import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Refusal } from '../../../src/model/refusal.ts';
import { Dice } from '../dice.ts';
import { fuzzTable } from './fuzz-table.ts';
import { mutated } from './mutate.ts';
import type { FuzzKind, FuzzTarget } from './target.ts';
import { targets } from './targets.ts';
import { Watch } from './watch.ts';

/** An input may cost this much CPU time; one that costs more three times in a row is a fault. */
const SLOW_MS = 50;
const TRIES = 3;
/** What may be retained after a target's inputs, beyond what it held after the first ones: half of them, or 5,000. */
const GROWTH_BYTES = 4 * 1024 * 1024;
/** Inputs between two looks at a target's memory. */
const CHUNK = 10_000;

/** How many inputs there are, from which seed, and which one alone. */
export interface FuzzRequest {
  readonly inputs: number;
  readonly seed: number;
  /** One input of one target, as a failure was told of: it is read and printed. */
  readonly only?: { readonly target: string; readonly index: number | undefined } | undefined;
  readonly say: (line: string) => void;
}

/** What came of the inputs of one kind. */
export interface Tally {
  inputs: number;
  throws: number;
  slow: number;
  growth: number;
  cpuMs: number;
}

/** What came of all inputs of one seed. */
export interface FuzzResult {
  readonly seed: number;
  readonly seconds: number;
  readonly tallies: ReadonlyMap<FuzzKind, Tally>;
}

/** True where nothing threw, took long or was retained. */
export const isFuzzSound = ({ tallies }: FuzzResult): boolean =>
  [...tallies.values()].every(({ throws, slow, growth }) => throws + slow + growth === 0);

/**
 * Gives inputs made from valid ones to everything that reads what others wrote, and tells what threw, what took long and what
 * was retained.
 */
export async function runFuzz({ inputs, seed, only, say }: FuzzRequest): Promise<FuzzResult> {
  const began = Date.now();
  const folder = mkdtempSync(path.join(memoryDisk(), 'mgpu-fuzz-'));
  const watch = new Watch({ seed, names: targets.map(({ name }) => name) });
  const collect = garbageCollector();
  const tallies = new Map<FuzzKind, Tally>();
  try {
    const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0);
    for (const [place, target] of targets.entries()) {
      if (only !== undefined && target.name !== only.target) continue;
      const fuzz = new TargetFuzz({ target, place, seed, folder, watch, say });
      const tally = tallies.get(target.kind) ?? { inputs: 0, throws: 0, slow: 0, growth: 0, cpuMs: 0 };
      tallies.set(target.kind, tally);
      if (only?.index !== undefined) await fuzz.one(only.index, tally);
      else
        await manyInputs(fuzz, Math.max(1, Math.round((inputs * (target.share ?? 1)) / shares)), {
          tally,
          collect,
        });
    }
  } finally {
    watch.end();
    rmSync(folder, { recursive: true, force: true });
  }
  const result = { seed, seconds: (Date.now() - began) / 1000, tallies };
  say(`\nseed ${seed}, ${Math.round(result.seconds)} s of inputs\n\n${fuzzTable([result])}`);
  return result;
}

async function manyInputs(
  fuzz: TargetFuzz,
  count: number,
  { tally, collect }: { readonly tally: Tally; readonly collect: () => void },
): Promise<void> {
  const warmUp = Math.ceil(Math.min(count, CHUNK) / 2);
  let before: number | undefined;
  for (let index = 0; index < count; index++) {
    if (index === warmUp) before = await retainedBytes(collect);
    await fuzz.one(index, tally);
    if (index % CHUNK !== CHUNK - 1 && index !== count - 1) continue;
    const grown = before === undefined ? 0 : (await retainedBytes(collect)) - before;
    if (grown <= GROWTH_BYTES) continue;
    tally.growth += 1;
    fuzz.tell(`grew by ${(grown / 2 ** 20).toFixed(1)} MB over its first ${index + 1} inputs`);
    return;
  }
}

interface TargetFuzzSetup {
  readonly target: FuzzTarget;
  readonly place: number;
  readonly seed: number;
  readonly folder: string;
  readonly watch: Watch;
  readonly say: (line: string) => void;
}

/** The inputs of one target. */
class TargetFuzz {
  readonly #setup: TargetFuzzSetup;
  readonly #folder: string;

  constructor(setup: TargetFuzzSetup) {
    this.#setup = setup;
    this.#folder = path.join(setup.folder, setup.target.name);
    mkdirSync(this.#folder);
  }

  /** Reads the input of this number, and counts it. */
  async one(index: number, tally: Tally): Promise<void> {
    const { target, place, seed, watch } = this.#setup;
    const { examples, words = [], longestBytes, slowMs = SLOW_MS } = target;
    const key = `${seed}/${target.name}/${index}`;
    const input = mutated({ examples, words, longestBytes }, new Dice(key));
    watch.at(place, index);
    tally.inputs += 1;
    let slowest = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const began = cpuMs();
      try {
        const read = target.read(input, { folder: this.#folder, random: new Dice(`${key}/read`) });
        if (read instanceof Promise) await read;
      } catch (error) {
        if (!(error instanceof Refusal)) {
          tally.throws += 1;
          this.tell(`threw ${wordsOf(error)}`, { index, input });
          return;
        }
      }
      const took = cpuMs() - began;
      if (attempt === 0) tally.cpuMs += took;
      slowest = Math.min(slowest, took);
      if (took <= slowMs) return;
    }
    tally.slow += 1;
    this.tell(`took ${slowest.toFixed(0)} ms of CPU or more, ${TRIES} times`, { index, input });
  }

  tell(what: string, found?: { readonly index: number; readonly input: Buffer }): void {
    const { target, seed, say } = this.#setup;
    say(`${target.name} ${what}`);
    if (found === undefined) return;
    say(`  again: npm run chaos -- --fuzz 1 --seed ${seed} --only ${target.name}:${found.index}`);
    say(`  ${found.input.length} bytes: ${shown(found.input)}`);
  }
}

const MOST_SHOWN = 200;
const shown = (input: Buffer): string => {
  const text = JSON.stringify(input.subarray(0, MOST_SHOWN).toString('latin1'));
  if (input.length <= MOST_SHOWN) return text;
  return `${text} … ${JSON.stringify(input.subarray(Math.max(MOST_SHOWN, input.length - 60)).toString('latin1'))}`;
};

const wordsOf = (error: unknown): string =>
  error instanceof Error
    ? (error.stack ?? error.message).split('\n').slice(0, 6).join('\n    ')
    : String(error);

/** Node 23.9 and later. */
type NewerProcess = typeof process & { threadCpuUsage?: () => NodeJS.CpuUsage };

/** Of this thread alone where Node can tell; else the process's, in which the collector's threads are. */
function cpuMs(): number {
  const { user, system } = (process as NewerProcess).threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1000;
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

async function retainedBytes(collect: () => void): Promise<number> {
  collect();
  // What handles and promises held is free once their callbacks have run.
  await setImmediate();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A folder that costs no disk, where there is one. */
function memoryDisk(): string {
  const disk = '/dev/shm';
  return process.platform === 'linux' ? disk : tmpdir();
}
