import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Emit, PageFinished } from '../events.ts';
import type { FailureReason } from '../outcome.ts';
import { isGood, type Outcome } from '../outcome.ts';
import { formatOfSuffix, type ImageFormat } from '../pages/image-format.ts';
import type { Examination, Inspector } from '../pages/inspector.ts';
import type { Claims } from '../pages/output-name.ts';
import type { Page, PageId } from '../pages/page.ts';
import type { LedgerWriter } from './ledger.ts';
import type { LedgerLine } from './ledger-line.ts';
import type { Placer } from './place.ts';
import { type HandedOver, SourceWatch } from './source-watch.ts';

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

/** How a page failed that a translator had finished. */
export interface InsteadFailed {
  readonly reason: FailureReason;
  readonly message: string;
}

/** What a page is recorded with. */
export interface RecorderSetup {
  readonly outputRoot: string;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly emit: Emit;
  /** Of the options that shape the result. */
  readonly optionsHash: string;
  readonly onFailed: 'leave' | 'copy';
  readonly placer: Placer;
  readonly inspector: Pick<Inspector, 'examine' | 'inspect'>;
  readonly claims: Claims;
  /** The output file system holds `A.png` and `a.png` for one file. */
  readonly foldsCase: boolean;
  /** Where a failed page's original goes with `--on-failed copy`. */
  readonly standInOf: (page: PageId) => string;
}

/**
 * Puts the end of a page on record, in an order that a crash can't break: a good page is renamed to its place, then
 * written down; a bad one is written down before its stand-in is copied; only then does anybody hear of it.
 */
export class PageRecorder {
  readonly #setup: RecorderSetup;
  readonly #sources: SourceWatch;
  #warned = false;

  constructor(setup: RecorderSetup) {
    this.#setup = setup;
    this.#sources = new SourceWatch(setup);
  }

  /** Remembers what a source was before a translator got it, or a copy of it. */
  handOver(page: PageId, source: HandedOver): void {
    this.#sources.handOver(page, source);
  }

  /** True for the place of some page's output, whichever run makes it: nothing else may be put there. */
  isPlaceOfPage(name: string): boolean {
    const { claims, foldsCase } = this.#setup;
    return claims.has(name, foldsCase);
  }

  /**
   * Checks after a try that is not recorded that the page's original is what it was.
   * @throws Refusal where it looks like the translator writes over its input
   */
  async assertUntouched(page: Page): Promise<void> {
    await this.#sources.look(page);
  }

  /**
   * Moves a whole output to its place and writes the page down.
   * @returns the failure that the page has instead where its output's place is another page's, or its source is gone:
   * nothing was moved or written down then
   * @throws Refusal where it looks like the translator writes over its input, or the disk fails
   */
  async finished(
    page: Page,
    outcome: Exclude<Outcome, 'failed'>,
    output: MadeOutput | null,
    { source: sourceSeen, ...end }: EndOfPage & { readonly source?: Examination['source'] },
  ): Promise<InsteadFailed | undefined> {
    const { outputRoot, placer, claims, foldsCase } = this.#setup;
    const found = await this.#sources.look(page, { seen: sourceSeen, output });
    if ('lost' in found) return { reason: 'unreadable', message: found.lost };
    const { source } = found;
    if (output) {
      const other = claims.claim(output.name, page.id, foldsCase);
      if (other !== undefined)
        return { reason: 'collision', message: `its output ${output.name} is that of ${other} already` };
    }
    const place = async (): Promise<void> => {
      if (output) await placer.move(output.path, path.join(outputRoot, output.name), page.id);
    };
    const event: PageFinished = {
      type: 'page-finished',
      page: page.id,
      ...end,
      outcome,
      ...(output && { output: output.name }),
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

  /** Outputs are not renamed: a suffix that promises another format is told of once. */
  #warnOfSuffix({ name, format }: MadeOutput): void {
    const promised = formatOfSuffix(name);
    if (this.#warned || format === undefined || promised === undefined || promised === format) return;
    this.#warned = true;
    const text = `${name} holds ${format}, not ${promised}: outputs are kept as the translator named them`;
    this.#setup.emit({ type: 'notice', level: 'warn', text });
  }

  /** An earlier run may have put the original where the page was missing: under its own name, which the output has not. */
  async #removeStandIn(page: Page, source: LedgerLine['source']): Promise<void> {
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
    const found = page.unreadable === undefined ? await this.#sources.look(page) : undefined;
    const source = found && 'source' in found ? found.source : null;
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
    this.#sources.forget(page.id);
    this.#setup.emit(event);
  }
}
