import { escapeControls } from './escape-controls.ts';

/**
 * A run that can't start or go on for a reason the user can fix: worded for them in one or two lines, never with a stack.
 * Exit code 2: wrong usage. 3: the run can't start or go on. Names of files, values and the like may stand in its words as
 * they are: control characters, line breaks among them, are escaped here.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly exitCode: 2 | 3;
  /** What to do now. */
  readonly hint?: string;
  /** Lines that bear it out, such as a worker's last ones. */
  readonly details: readonly string[];
  /** Options without which the same command would end the same way, with their values. */
  readonly resumeWith: Readonly<Record<string, string>>;

  constructor(
    exitCode: 2 | 3,
    /** What happened, to which option, page or GPU. */
    message: string,
    hint?: string,
    details: readonly string[] = [],
    resumeWith: Readonly<Record<string, string>> = {},
  ) {
    super(escapeControls(message));
    this.exitCode = exitCode;
    if (hint !== undefined) this.hint = escapeControls(hint);
    this.details = details.map(escapeControls);
    this.resumeWith = resumeWith;
  }

  /** All of it, a line each: message, details, hint. */
  get lines(): readonly string[] {
    const details = this.details.map((line) => `  | ${line}`);
    return [this.message, ...details, ...(this.hint === undefined ? [] : [this.hint])];
  }

  /** The same with other words. */
  withWords(change: (words: string) => string): Refusal {
    const hint = this.hint === undefined ? undefined : change(this.hint);
    return new Refusal(this.exitCode, change(this.message), hint, this.details.map(change), this.resumeWith);
  }
}

/** Wrong usage: `--gpus 9: no such GPU`, and what may be there instead. */
export const usageError = (message: string, hint?: string): Refusal => new Refusal(2, message, hint);

/** The run can't start or go on: no translator, no GPU, no space, output locked. `resumeWith`: options that it can go on with. */
export const cannotRun = (
  message: string,
  hint?: string,
  details?: readonly string[],
  resumeWith?: Readonly<Record<string, string>>,
): Refusal => new Refusal(3, message, hint, details, resumeWith);
