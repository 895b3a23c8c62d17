import type { FinishedRun } from './accounts.ts';
import type { FakeEvent } from './fake-events.ts';

/** `001.png` to `COUNT.png`. */
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${String(index + 1).padStart(3, '0')}.png`);

/** Pages that did not come out well, each with how it ended; `{}` where all did. */
export const badOnes = ({ outcomes }: FinishedRun): Record<string, string> =>
  Object.fromEntries(Object.entries(outcomes).filter(([, outcome]) => outcome !== 'translated'));

/** Processes that were started for pages. */
export const starts = ({ launcher }: FinishedRun): number => launcher.of('worker-started').length;

/** What fakes began with on these GPUs, by the variable that they are told theirs with. */
export function begunOn({ place }: FinishedRun, gpus: readonly string[]): FakeEvent[] {
  const gpuOf = new Map(
    place.fakes.of('start').map(({ pid, gpu, env }) => [pid, gpu ?? env?.['CUDA_VISIBLE_DEVICES'] ?? '']),
  );
  return place.fakes.of('begin').filter(({ pid }) => gpus.includes(gpuOf.get(pid) ?? ''));
}
