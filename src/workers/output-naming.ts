import { isOwnNames, type OutputPattern, OWN_NAMES, patternText } from '../pages/output-pattern.ts';

interface NamingSetup {
  /** As the user gave it, or as the program is known to name its outputs; missing: its children teach it. */
  readonly given: OutputPattern | undefined;
  /** As an earlier run noted it. */
  readonly noted: OutputPattern | undefined;
  /** Pages were made with these options before. */
  readonly hasMade: boolean;
  /** Notes for later runs how outputs are named. */
  readonly note: (pattern: OutputPattern) => Promise<void>;
}

/** How the one-shot program of a run names its outputs, as far as it is known now. */
export class OutputNaming {
  readonly #setup: NamingSetup;
  #now: OutputPattern;
  #hasWorked = false;
  #hasLearned = false;
  #suggested: OutputPattern | undefined;
  #suggestedPlace: Readonly<Record<string, string>> = {};

  constructor(setup: NamingSetup) {
    this.#setup = setup;
    this.#now = setup.given ?? setup.noted ?? OWN_NAMES;
  }

  get now(): OutputPattern {
    return this.#now;
  }

  /** True where a child's outputs may tell: nobody has said how they are named, and none of this run has been one. */
  get mayLearn(): boolean {
    return this.#setup.given === undefined && !this.#hasWorked;
  }

  /** True where pages' own names are only what is mostly right. */
  get isGuess(): boolean {
    const { given, noted, hasMade } = this.#setup;
    return given === undefined && noted === undefined && !hasMade && !this.#hasLearned && !this.#hasWorked;
  }

  /** False as long as it may be wrong: it is a guess, or no output has come under the name that was given, unless that is the own one. */
  get isProven(): boolean {
    const { given, noted } = this.#setup;
    if (given === undefined || this.#hasWorked) return !this.isGuess;
    return isOwnNames(given) || (noted !== undefined && patternText(noted) === patternText(given));
  }

  /** True where an output of the program has come with these options, in this run or an earlier one. */
  get hasMade(): boolean {
    const { noted, hasMade } = this.#setup;
    return hasMade || noted !== undefined || this.#hasWorked;
  }

  /** The program's children name their outputs so. */
  learn(pattern: OutputPattern): void {
    this.#now = { ...pattern };
    this.#hasLearned = true;
  }

  /** Options of a run that takes the images which this one can't; none where that is not needed, or not clear. */
  get suggestedOptions(): Readonly<Record<string, string>> {
    if (this.#hasLearned || this.#hasWorked) return {};
    const name = this.#suggested && { '--output-name': patternText(this.#suggested) };
    return { ...name, ...this.#suggestedPlace };
  }

  /** Images are left that a run with this pattern would take. */
  suggest(pattern: OutputPattern | undefined): void {
    this.#suggested = pattern;
  }

  /** Images are left that a run with these options would find. */
  suggestPlace(options: Readonly<Record<string, string>>): void {
    this.#suggestedPlace = options;
  }

  /** An output has come under such a name. The first one is noted where that is not its page's own. */
  async confirm(): Promise<void> {
    if (this.#hasWorked) return;
    this.#hasWorked = true;
    const { noted, note } = this.#setup;
    if (patternText(noted ?? OWN_NAMES) !== patternText(this.#now)) await note(this.#now);
  }
}
