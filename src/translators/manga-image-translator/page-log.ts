import type { FailureReason } from '../../model/outcome.ts';
import { tellsOutOfMemory } from '../out-of-memory.ts';
import { tellsServiceRefusal } from '../service-refusal.ts';
import type { LoggedOutcome } from '../translator.ts';

/** A line with the logger's prefix taken apart. */
export interface SaidLine {
  /** Missing: information. */
  readonly level: string | undefined;
  readonly logger: string | undefined;
  readonly said: string;
}

const STAGE_FAILED = /^Error during ([\w-]+):/;
/** The last line of a traceback: `ValueError: why`, `cv2.error: why`, `torch.OutOfMemoryError`. */
const RAISED = /^(?:(?:\w+\.)+\w+|\w*[A-Z]\w*)(?:: |$)/;
/** How a failure outside a stage is told: a cut file, a save that failed. */
const EXCEPTION = /^(?:[\w.]*(?:Error|Exception|Interrupt|Unsupported\w*)): /;
const UNREADABLE =
  /image file is truncated|cannot identify image file|DecompressionBomb|broken PNG file|Truncated File Read/;

/** Why a page failed, from the exception it failed with. */
export function reasonOf(message: string): FailureReason {
  if (tellsOutOfMemory([message])) return 'oom';
  return UNREADABLE.test(message) ? 'unreadable' : 'error';
}

/** What the log says of one page between its start and the next one's. */
export class PageLog {
  #failure: string | undefined;
  /** A stage has failed, and its exception still has to come. */
  #stageFailed = false;
  #warned: 'no-text' | 'untranslated' | undefined;
  #saved: boolean | undefined;
  /** What a service said that refused the page. */
  #refusal: string | undefined;

  said({ level, logger, said }: SaidLine): void {
    this.#stageFailed = false;
    this.#hearRefusal(said);
    if (/^Retrying translation!/.test(said)) {
      this.#restart();
      return;
    }
    if (/^No text regions\b.* - Skipping/.test(said)) this.#warned = 'no-text';
    else if (/^(?:Text translator returned empty queries|Image translation cancelled)/.test(said))
      this.#warned = 'untranslated';
    else if (/^Not saving due to --skip-no-text/.test(said)) this.#saved = false;
    else if (/^Saving "/.test(said)) this.#saved = true;
    if (level !== 'ERROR') return;
    const stage = STAGE_FAILED.exec(said)?.[1];
    if (stage !== undefined) {
      this.#stageFailed = true;
      this.#failure ??= `failed during ${stage}`;
    } else if (logger === 'local' && EXCEPTION.test(said)) this.fail(said);
  }

  /** A line without prefix: of a traceback, which ends with the exception, or of a progress bar. */
  unprefixed(text: string): void {
    this.#hearRefusal(text);
    if (!this.#stageFailed || !RAISED.test(text)) return;
    this.#failure = text;
  }

  fail(message: string): void {
    this.#failure ??= message;
  }

  /** Undefined where the log says nothing that decides: then the output alone does. */
  get outcome(): LoggedOutcome | undefined {
    if (this.#failure !== undefined) {
      return { outcome: 'failed', reason: reasonOf(this.#failure), message: this.#failure };
    }
    // It is saved as it was, and the service will take it later.
    if (this.#warned === 'untranslated' && this.#refusal !== undefined) {
      return { outcome: 'failed', reason: 'error', message: this.#refusal };
    }
    if (this.#warned !== undefined) return { outcome: this.#warned, saved: this.#saved !== false };
    if (this.#saved === undefined) return undefined;
    return { outcome: 'translated', saved: this.#saved };
  }

  #hearRefusal(text: string): void {
    if (tellsServiceRefusal(text)) this.#refusal = text;
  }

  #restart(): void {
    this.#refusal = undefined;
    this.#failure = undefined;
    this.#warned = undefined;
    this.#saved = undefined;
  }
}
