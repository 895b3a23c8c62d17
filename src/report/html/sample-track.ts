import type { Happening } from '../../model/events.ts';

type Sampled = Extract<Happening, { type: 'gpu-sampled' }>;

/** A chart is a few thousand points wide at most. */
const MOST_SAMPLES = 4000;

/** Samples of one GPU; a sum of `count` samples each, once there were too many. */
interface Sum {
  atMs: number;
  busy: number;
  memoryBytes: number;
  count: number;
}

/** How busy each GPU was over time. Of a long run neighbouring samples are averaged, so that memory stays bounded. */
export class SampleTrack {
  readonly #gpus = new Map<number, { sums: Sum[]; each: number }>();

  add({ gpu, utilisation, memoryUsedBytes }: Sampled, atMs: number): void {
    const of = this.#gpus.get(gpu) ?? { sums: [], each: 1 };
    this.#gpus.set(gpu, of);
    const last = of.sums.at(-1);
    if (last !== undefined && last.count < of.each)
      addTo(last, { atMs, busy: utilisation, memoryBytes: memoryUsedBytes, count: 1 });
    else of.sums.push({ atMs, busy: utilisation, memoryBytes: memoryUsedBytes, count: 1 });
    if (of.sums.length < MOST_SAMPLES) return;
    of.sums = inPairs(of.sums);
    of.each *= 2;
  }

  /** Means, in the order of time. */
  *means(): Generator<{
    gpu: number;
    samples: readonly { atMs: number; busy: number; memoryBytes: number }[];
  }> {
    for (const [gpu, { sums }] of this.#gpus) {
      yield {
        gpu,
        samples: sums.map(({ atMs, busy, memoryBytes, count }) => ({
          atMs,
          busy: busy / count,
          memoryBytes: memoryBytes / count,
        })),
      };
    }
  }
}

function inPairs(sums: readonly Sum[]): Sum[] {
  const pairs: Sum[] = [];
  for (let at = 0; at < sums.length; at += 2) {
    const pair = sums[at];
    const other = sums[at + 1];
    if (pair === undefined) break;
    if (other !== undefined) addTo(pair, other);
    pairs.push(pair);
  }
  return pairs;
}

function addTo(sum: Sum, other: Sum): void {
  sum.busy += other.busy;
  sum.memoryBytes += other.memoryBytes;
  sum.count += other.count;
}
