import { levels } from 'pino';
import type { LogLevel } from '../model/events.ts';

type LeastLevel = LogLevel | 'silent';

/** `silent` is above every level. */
const rankOf = (level: LeastLevel): number => levels.values[level] ?? Number.POSITIVE_INFINITY;

/** True where a line of this level is to be shown. */
export const isShown = (level: LogLevel, least: LeastLevel): boolean => rankOf(level) >= rankOf(least);
