import type { LoggedOutcome } from '../translator.ts';
import { PageLog, reasonOf, type SaidLine } from './page-log.ts';

const ENDED =
  /^(?:Saving translation result: "(?<made>.*)"|Saving original image \((?<why>\w+)\): (?<original>.*)|(?:Not saving|Skipped saving) due to --skip-no-text: (?<skipped>.*)|Skipped saving for retry: (?<unsaved>.*))$/s;

/**
 * Reads the log of `--batch-size` above 1: the pages of a batch are told of by number, and named only when they are saved,
 * one line each, in their order.
 */
export class BatchLog {
  readonly #tell: (file: string, outcome: LoggedOutcome) => void;
  #size = 0;
  /** By their numbers, from 1, as far as they were told of: a line may claim any size. */
  readonly #pages = new Map<number, PageLog>();
  #named = 0;
  /** What the lines are about: a page, or the whole batch while its text is translated. */
  #current: PageLog | undefined;
  #shared = new PageLog();
  #lastFile: string | undefined;

  constructor(tell: (file: string, outcome: LoggedOutcome) => void) {
    this.#tell = tell;
  }

  said(line: SaidLine): void {
    const { level, said } = line;
    const size = /^Processing batch \d+\/\d+ \(size: (\d+)\)/.exec(said)?.[1];
    if (size !== undefined) {
      this.#start(Number(size));
      return;
    }
    const started = /^Pre-processing image (\d+)\/\d+/.exec(said)?.[1];
    const alone = /^Batch size <= 1, switching to individual/.test(said);
    if (started !== undefined || alone) this.#current = this.#page(Number(started ?? 1));
    else if (/^Starting batch translation phase/.test(said)) this.#current = this.#shared;
    const failed =
      /^(?:Image (\d+) (?:pre-processing|post-processing) error|Error in (?:pre|post)-processing image (\d+)): (.*)$/s.exec(
        said,
      );
    if (failed) this.#page(Number(failed[1] ?? failed[2]))?.fail(failed[3] ?? said);
    const ended = ENDED.exec(said)?.groups;
    if (ended) {
      this.#name(ended);
      return;
    }
    if (
      level === 'ERROR' &&
      /^(?:Other|Memory) error in batch processing: |^Failed to save original image: /.test(said)
    ) {
      this.#saveFailed(said.slice(said.indexOf(': ') + 2));
      return;
    }
    this.#current?.said(line);
  }

  unprefixed(text: string): void {
    this.#current?.unprefixed(text);
  }

  #start(size: number): void {
    this.#size = size;
    this.#pages.clear();
    this.#shared = new PageLog();
    this.#current = undefined;
    this.#named = 0;
    this.#lastFile = undefined;
  }

  #page(number: number): PageLog | undefined {
    if (number < 1 || number > this.#size) return undefined;
    const page = this.#pages.get(number) ?? new PageLog();
    this.#pages.set(number, page);
    return page;
  }

  #name({ made, original, why, skipped, unsaved }: Record<string, string | undefined>): void {
    this.#named += 1;
    const own = this.#pages.get(this.#named)?.outcome;
    const file = made ?? original ?? skipped ?? unsaved ?? '';
    this.#lastFile = file;
    const shared = this.#shared.outcome;
    const failure =
      own?.outcome === 'failed'
        ? own
        : own === undefined && shared?.outcome === 'failed'
          ? shared
          : undefined;
    this.#tell(file, failure ?? withoutFailure(own, { original, why, skipped, unsaved }));
  }

  /** The line that names a page comes before its file is written. */
  #saveFailed(message: string): void {
    if (this.#lastFile !== undefined)
      this.#tell(this.#lastFile, { outcome: 'failed', reason: reasonOf(message), message });
  }
}

function withoutFailure(
  own: LoggedOutcome | undefined,
  { original, why, skipped, unsaved }: Record<string, string | undefined>,
): LoggedOutcome {
  if (unsaved !== undefined)
    return { outcome: 'failed', reason: 'error', message: 'the translation is empty' };
  const warned = own?.outcome === 'no-text' || own?.outcome === 'untranslated' ? own.outcome : undefined;
  if (skipped !== undefined) return { outcome: warned ?? 'no-text', saved: false };
  if (original === undefined) return { outcome: warned ?? 'translated', saved: true };
  if (why === 'no_context' || why === 'no_result_attr' || why === 'unexpected') {
    return { outcome: 'failed', reason: 'error', message: `the program reported no result (${why})` };
  }
  return { outcome: warned ?? 'untranslated', saved: true };
}
