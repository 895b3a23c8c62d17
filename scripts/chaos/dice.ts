/** Chance from a seed: the same text gives the same draws, on every machine. */
export class Dice {
  #state: number;

  constructor(seed: string) {
    // FNV-1a: seeds that differ in a digit begin far apart.
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(seed)) hash = Math.imul(hash ^ byte, 0x01000193);
    this.#state = hash >>> 0;
  }

  /** From 0 up to 1, without 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** True with this probability. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of them; undefined of none. */
  some<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of them. @throws Error where there are none */
  pick<T>(list: readonly T[]): T {
    const found = this.some(list);
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** Letters and digits. */
  word(length: number): string {
    return Array.from({ length }, () => this.pick([...'abcdefghkmnpqrstuvwxyz23456789'])).join('');
  }
}
