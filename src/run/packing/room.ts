import { CONTEXT_BYTES } from '../../schedule/cards.ts';

const GB = 1e9;
/** A worker may need more than it has shown so far. */
const SPARE = 1.1;
/** Of the cores, workers may use this share: the launcher and the system need the rest. */
const MOST_CPU = 0.9;
/** A worker loads in vain within its load and so many more pages of the end. */
const LEAST_PAGES_LEFT = 20;

/** Memory of a card now, in bytes. */
export interface DeviceMemory {
  readonly total: number;
  readonly used: number;
}

/** What workers have held on a card so far, in bytes. */
export interface CardUse {
  /** Used on the card before the first worker. */
  readonly before: number;
  /** Worker processes on it now. */
  readonly workers: number;
  /** The most that one of them was seen to hold; undefined where nobody knows. */
  readonly workerPeak: number | undefined;
}

/** Why another worker does not fit on a card, in words; undefined where it does, or where nobody knows. */
export function cardTrouble(
  card: DeviceMemory | undefined,
  { before, workers, workerPeak }: CardUse,
): string | undefined {
  if (!card || workerPeak === undefined) return undefined;
  const used = Math.max(card.used, before + workers * workerPeak);
  return tooLittle({
    needed: workerPeak * SPARE + CONTEXT_BYTES,
    free: card.total - used,
    of: 'of card memory',
  });
}

/** Why so many more workers do not fit into main memory; undefined where they do, or where nobody knows. */
export function mainTrouble(
  more: number,
  { free, workerPeak }: { readonly free: number | undefined; readonly workerPeak: number | undefined },
): string | undefined {
  if (free === undefined || workerPeak === undefined) return undefined;
  return tooLittle({ needed: workerPeak * SPARE * more, free, of: 'of main memory' });
}

/** Why so many more workers beside `workers` would find no processor; undefined where they do, or where nobody knows. */
export function processorTrouble(
  more: number,
  {
    workers,
    used,
    cores,
  }: { readonly workers: number; readonly used: number | undefined; readonly cores: number | undefined },
): string | undefined {
  if (used === undefined || cores === undefined || workers === 0) return undefined;
  if ((used * (workers + more)) / workers <= cores * MOST_CPU) return undefined;
  return `the workers use ${used.toFixed(1)} of ${cores} cores already`;
}

/** True where the pages left repay loading another worker on a device that does one every `pageSeconds`. */
export const isWorthLoading = ({
  secondsLeft,
  loadSeconds,
  pageSeconds,
}: {
  readonly secondsLeft: number;
  readonly loadSeconds: number;
  readonly pageSeconds: number;
}): boolean => secondsLeft > loadSeconds + LEAST_PAGES_LEFT * pageSeconds;

const tooLittle = ({ needed, free, of }: { needed: number; free: number; of: string }): string | undefined =>
  free >= needed ? undefined : `it needs ${gb(needed)} ${of}, and ${gb(Math.max(0, free))} is free`;

const gb = (bytes: number): string => `${(bytes / GB).toFixed(1)} GB`;
