import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Emit, PageFinished } from '../events.ts';
import type { FailureReason } from '../outcome.ts';
import { isGood, type Outcome } from '../outcome.ts';
import type { Claims } from '../pages/output-name.ts';
import type { Page, PageId, SourceStamp } from '../pages/page.ts';
import { cannotRun } from '../refusal.ts';
import type { LinkMode } from './batch-folder.ts';
import type { LedgerWriter } from './ledger.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { Placer } from './place.ts';
import { crcOfFile } from './source-crc.ts';

/** A file that a translator left for a page: checked, and still in the work folder. */
export interface MadeOutput {
  readonly path: string;
  /** Relative to the output folder: where it belongs. */
  readonly name: string;
  readonly bytes: number;
}

/** What is known of a page's end besides its outcome. */
export type EndOfPage = Pick<
  PageFinished,
  'slot' | 'attempt' | 'seconds' | 'stages' | 'peakMemoryBytes' | 'message'
>;

/** What a page is recorded with. */
export interface RecorderSetup {
  readonly outputRoot: string;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly emit: Emit;
  /** Of the options that shape the result. */
  readonly optionsHash: string;
  readonly onFailed: 'leave' | 'copy';
  readonly placer: Placer;
  readonly claims: Claims;
  /** The output file system holds `A.png` and `a.png` for one file. */
  readonly foldsCase: boolean;
  /** Whether translators get the sources themselves or copies. */
  readonly links: LinkMode;
  /** Where a failed page's original goes with `--on-failed copy`. */
  readonly standInOf: (page: PageId) => string;
}

/**
 * Puts the end of a page on record, in an order that a crash can't break: a good page is renamed to its place, then
 * written down; a bad one is written down before its stand-in is copied; only then does anybody hear of it.
 */
export class PageRecorder {
  readonly #setup: RecorderSetup;
  readonly #stamps = new Map<PageId, SourceStamp>();

  constructor(setup: RecorderSetup) {
    this.#setup = setup;
  }

  /** Remembers what a source was before a translator could touch it. */
  remember(page: PageId, stamp: SourceStamp): void {
    this.#stamps.set(page, stamp);
  }

  /** True for the place of some page's output, whichever run makes it: nothing else may be put there. */
  isPlaceOfPage(name: string): boolean {
    const { claims, foldsCase } = this.#setup;
    return claims.has(name, foldsCase);
  }

  /**
   * Sees to it that the source is what it was. Where the translator had a copy, somebody else changed it: the page counts,
   * and the next run does it again.
   * @throws Refusal where the translator had the source itself: it writes over its input
   */
  async assertUntouched(page: Page): Promise<void> {
    const before = this.#stamps.get(page.id);
    if (!before) return;
    const now = await stat(page.path).catch(() => undefined);
    if (now?.size === before.bytes && now.mtimeMs === before.mtimeMs) return;
    if (this.#setup.links.copy) {
      this.#stamps.delete(page.id);
      return;
    }
    throw cannotRun(
      `${page.path} changed while it was translated: the translator writes over its input`,
      'restore that page, then run again with --link copy: the translator gets copies',
    );
  }

  /**
   * Moves a whole output to its place and writes the page down.
   * @returns the page that has this output's place already, where there is one: nothing was moved then
   */
  async finished(
    page: Page,
    outcome: Exclude<Outcome, 'failed'>,
    output: MadeOutput | null,
    end: EndOfPage,
  ): Promise<PageId | undefined> {
    const { outputRoot, placer, claims, foldsCase } = this.#setup;
    await this.assertUntouched(page);
    if (output) {
      const other = claims.claim(output.name, page.id, foldsCase);
      if (other !== undefined) return other;
    }
    const place = async (): Promise<void> => {
      if (output) await placer.move(output.path, path.join(outputRoot, output.name));
    };
    const event: PageFinished = {
      type: 'page-finished',
      page: page.id,
      ...end,
      outcome,
      ...(output && { output: output.name }),
    };
    const written = { output: output && { path: output.name, bytes: output.bytes } };
    if (isGood(outcome)) await place();
    await this.#write(page, event, written);
    if (!isGood(outcome)) await place();
    this.#tell(page, event);
    return undefined;
  }

  /** Writes a failed page down; with `--on-failed copy` its original then stands in for it. */
  async failed(page: Page, reason: FailureReason, end: EndOfPage): Promise<void> {
    const { outputRoot, onFailed, placer, standInOf } = this.#setup;
    const event: PageFinished = { type: 'page-finished', page: page.id, ...end, outcome: 'failed', reason };
    await this.#write(page, event, { output: null });
    if (onFailed === 'copy' && page.unreadable === undefined && reason !== 'collision') {
      const gone = (error: NodeJS.ErrnoException): void => {
        if (error.code !== 'ENOENT') throw error;
      };
      await placer.copy(page.path, path.join(outputRoot, standInOf(page.id))).catch(gone);
    }
    this.#tell(page, event);
  }

  async #write(page: Page, event: PageFinished, { output }: Pick<LedgerLine, 'output'>): Promise<void> {
    const { ledger, optionsHash } = this.#setup;
    const stamp = this.#stamps.get(page.id);
    const crc32 = stamp && (await crcOfFile(page.path, stamp.bytes).catch(() => undefined));
    const { output: _name, ...rest } = event;
    await ledger.append({
      ...rest,
      time: new Date().toISOString(),
      source: stamp && crc32 !== undefined ? { ...stamp, crc32 } : null,
      output,
      options: optionsHash,
    });
  }

  #tell(page: Page, event: PageFinished): void {
    this.#stamps.delete(page.id);
    this.#setup.emit(event);
  }
}
