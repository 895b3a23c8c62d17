import type { AskedStrategy, StrategyName } from '../model/run-options.ts';
import { deviceModelOf, deviceOf, type Slot } from '../model/slot.ts';

/** A strategy, and why it was chosen where nobody named one. */
export interface ChosenStrategy {
  readonly name: StrategyName;
  readonly why?: string;
}

const GIB = 2 ** 30;

/**
 * The strategy that was asked for. `auto`: one queue where workers stay loaded or devices are unequal, else fixed shards, for
 * which a script loads once.
 */
export function chooseStrategy(
  asked: AskedStrategy,
  { kind, slots }: { readonly kind: 'warm' | 'one-shot'; readonly slots: readonly Slot[] },
): ChosenStrategy {
  if (asked !== 'auto') return { name: asked };
  if (kind === 'warm') return { name: 'dynamic', why: 'workers stay loaded' };
  return areUnequal(slots)
    ? { name: 'dynamic', why: 'the GPUs differ' }
    : { name: 'even', why: 'each start loads' };
}

/** True where devices are of several kinds, or have several sizes of memory or numbers of workers. */
function areUnequal(slots: readonly Slot[]): boolean {
  const workers = new Map<string, { readonly kind: string; count: number }>();
  for (const slot of slots) {
    const memory = slot.gpu?.memoryTotalBytes;
    const kind = `${deviceModelOf(slot)} ${memory === undefined ? '' : Math.round(memory / GIB)}`;
    const device = workers.get(deviceOf(slot)) ?? { kind, count: 0 };
    device.count += 1;
    workers.set(deviceOf(slot), device);
  }
  return new Set([...workers.values()].map(({ kind, count }) => `${kind} ${count}`)).size > 1;
}
