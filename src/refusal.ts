/**
 * A run that can't start or go on for a reason the user can mend: worded for them in one or two lines, never with a stack.
 * Exit code 2: wrong usage. 3: the run can't start or go on.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly exitCode: 2 | 3,
    /** What happened, to which option, page or GPU. */
    message: string,
    /** What to do now. */
    readonly hint?: string,
  ) {
    super(message);
  }
}

/** Wrong usage: `--gpus 9: no such GPU`, and what may be there instead. */
export const usageError = (message: string, hint?: string): Refusal => new Refusal(2, message, hint);

/** The run can't start or go on: no translator, no GPU, no space, output locked. */
export const cannotRun = (message: string, hint?: string): Refusal => new Refusal(3, message, hint);
