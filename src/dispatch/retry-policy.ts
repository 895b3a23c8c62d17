import type { FailureReason } from '../model/outcome.ts';

/** One counted failure of a page. `gpu` null: on the CPU. */
export interface Failure {
  readonly gpu: number | null;
  readonly reason: FailureReason;
  readonly message: string;
  /** No other worker was at work on the device. */
  readonly hadDeviceAlone: boolean;
  /** The process had done nothing before. */
  readonly isFresh: boolean;
  /** Its process is useless since. */
  readonly brokeProcess: boolean;
}

/** A device that can still be used. */
export interface UsableDevice {
  readonly gpu: number | null;
  readonly memoryBytes: number;
}

/** Where a failed page may be tried next. */
export type NextTry =
  | {
      readonly again: true;
      readonly on: readonly (number | null)[];
      /** While the device has no other worker. */
      readonly alone: boolean;
      /** In a process that has done nothing before. */
      readonly fresh: boolean;
    }
  | { readonly again: false };

const NO_MORE: NextTry = { again: false };
/** A page that has broken so many fresh processes would break the next one too. */
const MOST_BROKEN_PROCESSES = 2;

/**
 * Whether and where a page is tried again. Out of memory: alone on its device, then alone in a fresh process or on the largest
 * other device, then never. Anything else: up to `retries` more times, on a device that it has not failed on where there is
 * one, else on any other than the last, else on the same.
 *
 * @param failures what the page met so far, in order; none: it may run anywhere
 * @param devices the devices that are usable now
 */
export function nextTry(
  failures: readonly Failure[],
  retries: number,
  devices: readonly UsableDevice[],
): NextTry {
  const everywhere = devices.map(({ gpu }) => gpu);
  const last = failures.at(-1);
  if (!last) return { again: true, on: everywhere, alone: false, fresh: false };
  // Out of memory beside others is a reason to try it alone, and no try of that.
  const counted =
    retries > 0
      ? failures.filter(({ reason, hadDeviceAlone }) => reason !== 'oom' || hadDeviceAlone)
      : failures;
  if (counted.length > retries || devices.length === 0) return NO_MORE;
  const broken = failures.filter(({ brokeProcess, isFresh }) => brokeProcess && isFresh);
  if (broken.length >= MOST_BROKEN_PROCESSES) return NO_MORE;
  if (last.reason === 'oom') return afterOutOfMemory(failures, last, devices);
  const failedOn = new Set(failures.map(({ gpu }) => gpu));
  const unused = everywhere.filter((gpu) => !failedOn.has(gpu));
  const others = everywhere.filter((gpu) => gpu !== last.gpu);
  const on = [unused, others, everywhere].find((choice) => choice.length > 0) ?? [];
  return { again: true, on, alone: false, fresh: false };
}

function afterOutOfMemory(
  failures: readonly Failure[],
  last: Failure,
  devices: readonly UsableDevice[],
): NextTry {
  const isThere = devices.some(({ gpu }) => gpu === last.gpu);
  if (!last.hadDeviceAlone && isThere) return { again: true, on: [last.gpu], alone: true, fresh: false };
  const wasTooSmall = new Set(failures.filter(({ reason }) => reason === 'oom').map(({ gpu }) => gpu));
  const others = devices.filter(({ gpu }) => !wasTooSmall.has(gpu));
  if (others.length === 0 || wasTooSmall.size > 1) {
    // An earlier page may have left its memory behind in the process.
    const isSure = wasTooSmall.size > 1 || last.isFresh || !isThere;
    return isSure ? NO_MORE : { again: true, on: [last.gpu], alone: true, fresh: true };
  }
  const most = Math.max(...others.map(({ memoryBytes }) => memoryBytes));
  const largest = others.filter(({ memoryBytes }) => memoryBytes === most);
  return { again: true, on: largest.map(({ gpu }) => gpu), alone: true, fresh: false };
}
