/** A length of time as people say it: `40 s`, `12 min 3 s`, `3 h 20 min`, `2 d 4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return whole % 60 > 0 ? `${minutes} min ${whole % 60} s` : `${minutes} min`;
}

/** Time left, no finer than it can be known: `about 40 s left`, `about 27 min left`, `about 3 h 20 min left`. */
export function timeLeftText(seconds: number): string {
  const step = seconds < 90 ? 5 : seconds < 3600 ? 60 : seconds < 86_400 ? 600 : 3600;
  return `about ${durationText(Math.max(step, Math.round(seconds / step) * step)).replace(/\.0 s$/, ' s')} left`;
}

/** `1 page`, `2 pages`. */
export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** Rounded to three decimals, for JSON that people read. */
export const round3 = (value: number): number => Math.round(value * 1000) / 1000;
