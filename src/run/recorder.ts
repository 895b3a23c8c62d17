import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Emit, PageFinished } from '../events.ts';
import type { FailureReason } from '../outcome.ts';
import { isGood, type Outcome } from '../outcome.ts';
import { formatOfSuffix, type ImageFormat } from '../pages/image-format.ts';
import type { Examination, Inspector } from '../pages/inspector.ts';
import type { Claims } from '../pages/output-name.ts';
import type { Page, PageId, SourceStamp } from '../pages/page.ts';
import { cannotRun } from '../refusal.ts';
import type { LinkMode } from './batch-folder.ts';
import type { LedgerWriter } from './ledger.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { Placer } from './place.ts';

/** A file that a translator left for a page: checked, and still in the work folder. */
export interface MadeOutput {
  readonly path: string;
  /** Relative to the output folder: where it belongs. */
  readonly name: string;
  readonly bytes: number;
  /** By its content. */
  readonly format?: ImageFormat;
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
  readonly inspector: Pick<Inspector, 'examine'>;
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
  #warned = false;

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
  async assertUntouched(page: Page, source?: Examination['source']): Promise<Examination['source']> {
    const before = this.#stamps.get(page.id);
    if (!before) return null;
    const now =
      source === undefined ? (await this.#setup.inspector.examine({ source: page.path })).source : source;
    if (now?.bytes === before.bytes && now.mtimeMs === before.mtimeMs) return now;
    if (this.#setup.links.copy) return null;
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
    { source: sourceSeen, ...end }: EndOfPage & { readonly source?: Examination['source'] },
  ): Promise<PageId | undefined> {
    const { outputRoot, placer, claims, foldsCase } = this.#setup;
    const source = await this.assertUntouched(page, sourceSeen);
    if (output) {
      const other = claims.claim(output.name, page.id, foldsCase);
      if (other !== undefined) return other;
    }
    const unchanged = output !== null && (await this.#equalsSource(output, source));
    const place = async (): Promise<void> => {
      if (output) await placer.move(output.path, path.join(outputRoot, output.name), page.id);
    };
    const event: PageFinished = {
      type: 'page-finished',
      page: page.id,
      ...end,
      outcome,
      ...(output && { output: output.name }),
      ...(unchanged && { unchanged }),
    };
    const written = { source, output: output && { path: output.name, bytes: output.bytes } };
    if (isGood(outcome)) await place();
    await this.#write(event, written);
    if (!isGood(outcome)) await place();
    if (output && output.name !== this.#setup.standInOf(page.id)) await this.#removeStandIn(page, source);
    if (output) this.#warnOfSuffix(output);
    this.#tell(page, event);
    return undefined;
  }

  /** True where the output is the source again, as of a translator that saves originals where it fails. */
  async #equalsSource({ path: file, bytes }: MadeOutput, source: Examination['source']): Promise<boolean> {
    if (source?.bytes !== bytes) return false;
    const { source: found } = await this.#setup.inspector.examine({ source: file });
    return found?.crc32 === source.crc32;
  }

  /** Outputs are not renamed: a suffix that promises another format is told of once. */
  #warnOfSuffix({ name, format }: MadeOutput): void {
    const promised = formatOfSuffix(name);
    if (this.#warned || format === undefined || promised === undefined || promised === format) return;
    this.#warned = true;
    const text = `${name} holds ${format}, not ${promised}: outputs are kept as the translator named them`;
    this.#setup.emit({ type: 'notice', level: 'warn', text });
  }

  /** An earlier run may have put the original where the page was missing: under its own name, which the output has not. */
  async #removeStandIn(page: Page, source: Examination['source']): Promise<void> {
    const { outputRoot, onFailed, standInOf } = this.#setup;
    if (onFailed !== 'copy') return;
    const standIn = path.join(outputRoot, standInOf(page.id));
    const found = await stat(standIn).catch(() => undefined);
    if (found?.isFile() && found.size === source?.bytes) await rm(standIn, { force: true });
  }

  /** Writes a failed page down; with `--on-failed copy` its original then stands in for it. */
  async failed(page: Page, reason: FailureReason, end: EndOfPage): Promise<void> {
    const { outputRoot, onFailed, placer, standInOf } = this.#setup;
    const event: PageFinished = { type: 'page-finished', page: page.id, ...end, outcome: 'failed', reason };
    const { source } =
      page.unreadable === undefined
        ? await this.#setup.inspector.examine({ source: page.path })
        : { source: null };
    await this.#write(event, { source, output: null });
    if (onFailed === 'copy' && page.unreadable === undefined && reason !== 'collision') {
      const gone = (error: NodeJS.ErrnoException): void => {
        if (error.code !== 'ENOENT') throw error;
      };
      await placer.copy(page.path, path.join(outputRoot, standInOf(page.id)), page.id).catch(gone);
    }
    this.#tell(page, event);
  }

  async #write(
    event: PageFinished,
    { source, output }: Pick<LedgerLine, 'source' | 'output'>,
  ): Promise<void> {
    const { ledger, optionsHash } = this.#setup;
    const { output: _name, ...rest } = event;
    await ledger.append({ ...rest, time: new Date().toISOString(), source, output, options: optionsHash });
  }

  #tell(page: Page, event: PageFinished): void {
    this.#stamps.delete(page.id);
    this.#setup.emit(event);
  }
}
