/**
 * How pages come to translators: as links to the originals, or as copies. A program that nobody has seen work is on trial: it gets
 * copies until it has translated a page, and its input was left as it was.
 */
export class LinkMode {
  #copies: boolean;
  #isKnown: boolean;
  #wantsCopies = false;

  /** `isKnown` (true where missing): the program is known to leave its input as it is. */
  constructor({ copies, isKnown = true }: { readonly copies: boolean; readonly isKnown?: boolean }) {
    this.#copies = copies;
    this.#isKnown = isKnown;
  }

  /** Copies are wanted, or there are no links here. */
  get copies(): boolean {
    return this.#copies;
  }

  /** What stands for the originals may be written over: nobody knows yet. */
  get isTrial(): boolean {
    return !this.#copies && !this.#isKnown;
  }

  /** The program writes over its input: a run that has to go on with it has to give it copies. */
  get wantsCopies(): boolean {
    return this.#wantsCopies;
  }

  /** Links are seen not to work. */
  copyFromNowOn(): void {
    this.#copies = true;
  }

  /** A page was translated, and the input is as it was. */
  passedTrial(): void {
    this.#isKnown = true;
  }

  /** It wrote over its input. */
  failedTrial(): void {
    this.#wantsCopies = true;
  }
}
