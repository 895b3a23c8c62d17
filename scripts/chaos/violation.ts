/** What the oracle asks of each story, in the words of the table. */
export const CHECKS = {
  ends: 'every run ends within 10 s of its last fault',
  exit: 'every exit code is true, and no run ends with a bug of the program',
  outcome: 'every page has one true outcome',
  output: 'every output is whole and of the right page',
  original: 'no original was changed',
  process: 'no process is left',
  temporary: 'no temporary file is left',
  secret: 'no secret is anywhere',
  twice: 'no page is made twice',
} as const;

export type Check = keyof typeof CHECKS;

/** A promise that was not kept. */
export interface Violation {
  readonly check: Check;
  readonly text: string;
}
