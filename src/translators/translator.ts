import type { Slot } from '../gpus/gpu.ts';

/** A program to start: no shell takes part. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** On top of the launcher's environment and the slot's. */
  readonly env: Readonly<Record<string, string>>;
}

/** Folders of a batch: pages are in `input`, outputs are wanted in `output`. Absolute paths. */
export interface BatchFolders {
  readonly input: string;
  readonly output: string;
}

/** The part of a translator that decides what a page looks like in the end. */
export interface TranslatorShape {
  readonly translator: string;
  readonly script?: string;
  readonly command?: string;
  readonly args: readonly string[];
}

/** A translator that is started for a batch of pages and ends: knows how to start one program, and what it made. */
export interface OneShotTranslator {
  readonly kind: 'one-shot';
  /** For the summary: `translate.py`, `demo`. */
  readonly name: string;
  /** What makes this translator's pages differ from another's. */
  readonly shape: TranslatorShape;
  command(batch: BatchFolders, slot: Slot): Command;
  /** Where the program leaves its outputs. */
  outputsOf(batch: BatchFolders): string;
  /**
   * The translator to go on with where the program's last words say that it refused an argument of ours, and one line
   * about it; undefined where they say no such thing.
   */
  afterRefusal(exitCode: number | null, lastLines: readonly string[]): Concession | undefined;
}

export interface Concession {
  readonly translator: OneShotTranslator;
  readonly notice: string;
}

/** An adapter at work. */
export type Translator = OneShotTranslator;
