import type { Stop } from '../run/stop.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The terminal sends Ctrl-C to everybody in front, and npm passes it on: it comes twice, and was meant once. */
const ECHO_MS = 200;

/**
 * First signal: drain. Second, or the first where the run stops already: kill. A hangup drains where a terminal is what hung
 * up; started by nohup or without a terminal, it is ignored. Returns what puts the process back as it was.
 */
export function stopOnSignals(
  stop: Stop,
  { process, hasTerminal }: { process: NodeJS.Process; hasTerminal: boolean },
): () => void {
  let last: { readonly signal: string; readonly atMs: number } | undefined;
  const listener = (signal: (typeof SIGNALS)[number]): void => {
    if (signal === 'SIGHUP' && !hasTerminal) return;
    const atMs = performance.now();
    if (signal === last?.signal && atMs - last.atMs < ECHO_MS) return;
    last = { signal, atMs };
    if (stop.drain.aborted) stop.insist(signal);
    else stop.ask(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
