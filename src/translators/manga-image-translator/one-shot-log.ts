import { stripVTControlCharacters } from 'node:util';
import { keptMessage } from '../../model/kept-text.ts';
import type { BatchFolders, LoggedOutcome } from '../translator.ts';
import { BatchLog } from './one-shot-batches.ts';
import { PageLog } from './page-log.ts';

const PREFIX = /^(?:(WARNING|ERROR|CRITICAL): )?\[([^\]]*)\] (.*)$/s;
/** A line with a quoted name, which may have newlines in it: over when the next line of the log begins. */
const NAMING = /^(?:Translating|Saving translation result): "/;
/** A name with more newlines than this is cut off. */
const LONGEST_NAME_LINES = 64;

/**
 * Reads what became of each page from the lines that manga-image-translator writes to stderr with `--ignore-errors`, which
 * saves failed pages untranslated and ends with exit code 0. Pure: lines in, outcomes out.
 */
export class OneShotLog {
  readonly #folders: readonly string[];
  readonly #skipNoText: boolean;
  readonly #outcomes = new Map<string, LoggedOutcome>();
  #page: { readonly name: string; readonly log: PageLog } | undefined;
  readonly #batches = new BatchLog((file, outcome) => this.#conclude(this.#nameOf(file), outcome));
  /** A line that names a page, and what followed it without a prefix. */
  #open: string[] = [];

  /** @param skipNoText a page without text has no output, whatever the program saved */
  constructor({ input, output }: BatchFolders, { skipNoText = false } = {}) {
    this.#skipNoText = skipNoText;
    this.#folders = [`${input}/`, `${output}/`];
  }

  /** One line of its stderr, without newline and colours. */
  line(text: string): void {
    const said = PREFIX.exec(text)?.[3];
    if (said === undefined && this.#open.length > 0 && this.#open.length < LONGEST_NAME_LINES) {
      this.#open.push(text);
      return;
    }
    this.#closeName();
    if (said === undefined || !NAMING.test(said)) {
      this.#whole(text);
      return;
    }
    this.#open = [text];
    // Whatever the next page's name is, it went on to it.
    if (said.startsWith('Translating')) this.#finishPage();
  }

  /** What is known of a page by its name in the batch; undefined until the program went on, or told nothing. */
  outcomeOf(nameInBatch: string): LoggedOutcome | undefined {
    const told = this.#outcomes.get(nameInBatch) ?? this.#outcomes.get(stripVTControlCharacters(nameInBatch));
    return told?.outcome === 'no-text' && this.#skipNoText ? { ...told, saved: false } : told;
  }

  /** The program has ended: the last page has no successor that closes it. */
  end(): void {
    this.#closeName();
    this.#finishPage();
  }

  #closeName(): void {
    const [first = '', ...more] = this.#open;
    this.#open = [];
    if (first === '') return;
    // A progress bar may follow the name; a name ends with a quote.
    const end = more.findLastIndex((line) => line.endsWith('"')) + 1;
    this.#whole([first, ...more.slice(0, end)].join('\n'));
    for (const line of more.slice(end)) this.#whole(line);
  }

  #whole(text: string): void {
    const [, level, logger, said] = PREFIX.exec(text) ?? [];
    if (said === undefined) {
      this.#page?.log.unprefixed(text);
      this.#batches.unprefixed(text);
      return;
    }
    const started = /^Translating: "(.*)"$/s.exec(said)?.[1];
    const unopened = /^Failed to open image: (.*?)(?:, error: (.*))?$/s.exec(said);
    if (started !== undefined) {
      this.#finishPage();
      this.#page = { name: this.#nameOf(started), log: new PageLog() };
    } else if (unopened) {
      const [, file = '', why = 'the program could not open it as an image'] = unopened;
      this.#conclude(this.#nameOf(file), { outcome: 'failed', reason: 'unreadable', message: why });
    } else if (/^Done[.!] Translated \d/.test(said)) this.#finishPage();
    else if (this.#page) this.#page.log.said({ level, logger, said });
    else this.#batches.said({ level, logger, said });
  }

  #finishPage(): void {
    if (!this.#page) return;
    const { name, log } = this.#page;
    this.#page = undefined;
    const outcome = log.outcome;
    if (outcome) this.#conclude(name, outcome);
  }

  #conclude(name: string, outcome: LoggedOutcome): void {
    // A page that couldn't be opened is told of once more, as one that was started.
    if (this.#outcomes.get(name)?.outcome === 'failed') return;
    this.#outcomes.set(
      name,
      outcome.outcome === 'failed' ? { ...outcome, message: keptMessage(outcome.message) } : outcome,
    );
  }

  #nameOf(file: string): string {
    const folder = this.#folders.find((start) => file.startsWith(start));
    return folder === undefined ? file : file.slice(folder.length);
  }
}
