/**
 * How pages come to translators: as links to the originals, or as copies. A program that nobody has seen work is on trial: it gets
 * copies until it has translated a page, and its input was left as it was.
 */
export class LinkMode {
  #copies: boolean;
  #isKnown: boolean;
  #areOutputs = false;
  #hasWrittenOver = false;

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

  /** What the program writes over its copies are its outputs, as far as is known. */
  get areOutputs(): boolean {
    return this.#areOutputs;
  }

  /** The program writes its outputs over its input. */
  takeOutputsFromNowOn(): void {
    this.#copies = true;
    this.#areOutputs = true;
  }

  /** Links are seen not to work. */
  copyFromNowOn(): void {
    this.#copies = true;
  }

  /** The program wrote over a page that is no original: it stays on trial. */
  wroteOver(): void {
    this.#hasWrittenOver = true;
  }

  /** A page was translated, and the input of that page or batch is as it was. */
  passedTrial(): void {
    this.#isKnown ||= !this.#hasWrittenOver;
  }
}
