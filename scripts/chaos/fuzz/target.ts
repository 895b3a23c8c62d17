import type { Dice } from '../dice.ts';

/** Where a target's files are, and its own random numbers. */
export interface FuzzCase {
  /** An empty folder of the target's own, in memory where the system has such a disk. */
  readonly folder: string;
  readonly random: Dice;
}

/** What part of the outside an input comes from: a line of the table that is printed. */
export type FuzzKind =
  | 'protocol lines'
  | 'ledgers, events, locks'
  | 'images'
  | 'archives'
  | 'config and .env'
  | 'options'
  | 'file lists and names'
  | 'globs'
  | 'tools'
  | 'translator output'
  | 'secrets'
  | 'terminal text';

/** Something of the program that reads what others wrote. */
export interface FuzzTarget {
  /** Without spaces and colons: `--only NAME:I` names an input of it. */
  readonly name: string;
  readonly kind: FuzzKind;
  /** Valid input, from which the others are made. */
  readonly examples: readonly [Buffer, ...Buffer[]];
  /** Words that mean something to this reader: they are put into inputs. */
  readonly words?: readonly string[];
  /** No input is longer: what the program itself lets come so far. */
  readonly longestBytes: number;
  /** Milliseconds of CPU time that an input may take; 50 where missing. */
  readonly slowMs?: number;
  /** How often it is called for each call of others; 1 where missing. */
  readonly share?: number;
  /** Reads one input. Throws a Refusal where the reader says that it does; anything else is a fault. */
  readonly read: (input: Buffer, at: FuzzCase) => unknown;
}

/** Examples of a target from their texts. */
export const asBuffers = (first: string, ...rest: readonly string[]): [Buffer, ...Buffer[]] => [
  Buffer.from(first),
  ...rest.map((text) => Buffer.from(text)),
];
