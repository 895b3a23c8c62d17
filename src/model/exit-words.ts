import { constants } from 'node:os';

/** Shells and launchers that lost their program to a signal end with this and its number. */
const BY_SIGNAL = 128;

/** Of several names for one number the first is the usual one: SIGABRT, SIGIOT. */
const NAMES = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** `exit code 1`, or `SIGSEGV (exit code 139)` where the code tells of a signal. */
export function exitWords(code: number): string {
  const signal = NAMES.get(code - BY_SIGNAL);
  return signal === undefined ? `exit code ${code}` : `${signal} (exit code ${code})`;
}
