import type { LogLevel } from '../model/events.ts';

const RANK: Readonly<Record<LogLevel | 'silent', number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  silent: 4,
};

/** True where a line of this level is to be shown. */
export const isShown = (level: LogLevel, least: LogLevel | 'silent'): boolean => RANK[level] >= RANK[least];
