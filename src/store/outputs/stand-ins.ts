import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { FailureReason } from '../../model/outcome.ts';
import { isPacked, type Page, type PageId, placeOf } from '../../model/page.ts';
import { crcOfFile } from '../../pages/source-crc.ts';
import type { LedgerLine, SourceRecord, StandIn } from '../ledger/ledger-line.ts';

/** How to tell stand-ins from outputs. */
interface StandInsSetup {
  readonly outputRoot: string;
  readonly onFailed: 'leave' | 'copy';
  /** A page's last line before this run. */
  readonly lastLineOf: (page: PageId) => LedgerLine | undefined;
  /** What stands where a page's output belongs, relative to the output root. */
  readonly standingOf: (page: Page) => Promise<string | undefined>;
}

/** Whether a failed page's original stands in for it. */
interface StandInPlan {
  /** For the ledger. */
  readonly standIn?: StandIn | undefined;
  /** It has to be copied. */
  readonly isNew?: true;
  /** For the page's message: why it is not copied. */
  readonly note?: string;
}

/**
 * The originals that `--on-failed copy` puts in the place of failed pages, under their own names. They are told from outputs by
 * what the ledger says of the file, and never by a guess: what is not known to be a stand-in is an output that somebody paid for.
 */
export class StandIns {
  readonly #setup: StandInsSetup;

  constructor(setup: StandInsSetup) {
    this.#setup = setup;
  }

  /** What is to stand in for a page that failed. `source` is null where it can't be read. */
  async planFor(page: Page, reason: FailureReason, source: SourceRecord | null): Promise<StandInPlan> {
    const standIn = this.#lastFailure(page.id)?.standIn;
    // Whoever packs the archive takes the original out of it.
    if (isPacked(page)) return {};
    if (this.#setup.onFailed !== 'copy' || reason === 'collision') return { standIn };
    if (source === null) {
      return { standIn, note: "its original can't be read, so it was not copied into the page's place" };
    }
    if (await this.#hasOutput(page)) return { note: 'the output of an earlier run is kept' };
    return {
      standIn: { path: placeOf(page, page.id), bytes: source.bytes, crc32: source.crc32 },
      isNew: true,
    };
  }

  /** The page's stand-in that is still there, where the page has an output under another name now; relative to the output root. */
  async leftBeside(page: PageId, output: string): Promise<string | undefined> {
    const noted = this.#lastFailure(page)?.standIn;
    const isOf010 = noted === undefined && this.#setup.onFailed === 'copy';
    const standIn = isOf010 ? this.#unnoted(page) : noted;
    return standIn && standIn.path !== output && (await this.#isThere(standIn)) ? standIn.path : undefined;
  }

  /** True where a file stands in the page's place that is not known to be a stand-in. */
  async #hasOutput(page: Page): Promise<boolean> {
    const at = placeOf(page, page.id);
    const found = await lstat(path.join(this.#setup.outputRoot, at)).catch(() => undefined);
    if (found === undefined) return (await this.#setup.standingOf(page)) !== undefined;
    const standIn = this.#lastFailure(page.id)?.standIn ?? this.#unnoted(page.id);
    return standIn?.path !== at || !(await this.#isThere(standIn));
  }

  #lastFailure(page: PageId): LedgerLine | undefined {
    const line = this.#setup.lastLineOf(page);
    return line?.outcome === 'failed' ? line : undefined;
  }

  /** Version 0.1.0 noted no stand-ins: one would be a copy of the source that failed. */
  #unnoted(page: PageId): StandIn | undefined {
    const source = this.#lastFailure(page)?.source;
    return source ? { path: page, bytes: source.bytes, crc32: source.crc32 } : undefined;
  }

  async #isThere({ path: name, bytes, crc32 }: StandIn): Promise<boolean> {
    const file = path.join(this.#setup.outputRoot, name);
    const found = await lstat(file).catch(() => undefined);
    if (!found?.isFile() || found.size !== bytes) return false;
    return (await crcOfFile(file, bytes).catch(() => undefined)) === crc32;
  }
}
