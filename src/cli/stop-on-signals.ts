import { STOP_SIGNALS, type Stop, type StopSignal } from '../model/stop.ts';

/** Who passes a signal on makes it come twice where the system told everybody: npm does so with Ctrl-C. It was meant once. */
const ECHO_MS = 200;
/** A run that has not begun ends in no time, unless it waits for a disk that does not answer. */
const LAST_MS = 1000;

/**
 * Takes the signals over from whoever listens. Before the run has begun the first one ends it; where something in it hangs,
 * the process ends all the same, by that signal. Then the first signal drains, and the second kills, or the first where the
 * run stops already. A hangup counts where a terminal is what hung up; started by nohup or without a terminal, it is
 * ignored. Returns what is to be called once the run is over: with its exit code, by which a signal then ends the process, as
 * everything is reported; without one it puts the process back as it was.
 */
export function stopOnSignals(
  stop: Stop,
  { process, hasTerminal }: { process: NodeJS.Process; hasTerminal: boolean },
): (exitCode?: number) => void {
  const lastMs = new Map<StopSignal, number>();
  let last: NodeJS.Timeout | undefined;
  const isMeant = (signal: StopSignal): boolean => {
    if (signal === 'SIGHUP' && !hasTerminal) return false;
    const atMs = performance.now();
    const sinceMs = atMs - (lastMs.get(signal) ?? Number.NEGATIVE_INFINITY);
    if (sinceMs < ECHO_MS) return false;
    lastMs.set(signal, atMs);
    return true;
  };
  const listener = (signal: StopSignal): void => {
    if (!isMeant(signal)) return;
    if (stop.drain.aborted) {
      stop.insist(signal);
      return;
    }
    stop.ask(signal);
    if (!stop.hasBegun) last = setTimeout(() => endBy(signal), LAST_MS).unref();
  };
  const endBy = (signal: StopSignal): void => {
    letGo();
    process.kill(process.pid, signal);
  };
  const before = STOP_SIGNALS.map((signal) => ({ signal, listeners: process.listeners(signal) }));
  // In this order: in no moment does nobody listen, and a signal have Node's or the system's way.
  for (const signal of STOP_SIGNALS) process.on(signal, listener);
  for (const { signal, listeners } of before) for (const each of listeners) process.off(signal, each);
  const letGo = (exitCode?: number): void => {
    if (exitCode !== undefined) {
      clearTimeout(last);
      for (const signal of STOP_SIGNALS) process.on(signal, () => isMeant(signal) && process.exit(exitCode));
    } else for (const { signal, listeners } of before) for (const each of listeners) process.on(signal, each);
    for (const signal of STOP_SIGNALS) process.off(signal, listener);
  };
  return letGo;
}
