import type { Stop } from '../run/stop.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * First signal: drain. Second: kill. A hangup drains where a terminal is what hung up; started by nohup or without a
 * terminal, it is ignored. Returns what puts the process back as it was.
 */
export function stopOnSignals(
  stop: Stop,
  { process, hasTerminal }: { process: NodeJS.Process; hasTerminal: boolean },
): () => void {
  let asked = 0;
  const listener = (signal: (typeof SIGNALS)[number]): void => {
    if (signal === 'SIGHUP' && !hasTerminal) return;
    asked += 1;
    if (asked === 1) stop.ask(signal);
    else stop.insist(signal);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}
