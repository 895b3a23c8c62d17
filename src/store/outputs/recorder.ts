import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Emit, PageFinished } from '../../model/events.ts';
import type { FailureReason } from '../../model/outcome.ts';
import { isGood, type Outcome } from '../../model/outcome.ts';
import { type Page, type PageId, placeOf, sourceOf } from '../../model/page.ts';
import { Refusal } from '../../model/refusal.ts';
import type { SlotId } from '../../model/slot.ts';
import { formatOfSuffix, type ImageFormat } from '../../pages/image-format.ts';
import type { CheckedSource, Inspector, ResultCheck } from '../../pages/inspector.ts';
import { type Claims, type Folding, outputKey } from '../../pages/output-name.ts';
import { hasContentOf } from '../../pages/same-content.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import { type EndOfPage, failureEvent, ledgerLineOf, outcomeEvent } from './end-of-page.ts';
import type { FileMover, KnownFile } from './file-mover.ts';
import { type SourceGiven, SourceWatch } from './source-watch.ts';
import type { StandIns } from './stand-ins.ts';

/** A file that a translator left for a page: checked, and still in the work folder. */
export interface MadeOutput extends KnownFile {
  /** By the page's id: where it belongs, relative to the output folder; that of an archive's page is in `placeOf`. */
  readonly name: string;
  readonly bytes: number;
  /** By its content. */
  readonly format?: ImageFormat;
  /** Its content is the source's; missing where nobody looked. */
  readonly equalsSource?: boolean;
}

/** How a page failed that a translator had finished. */
interface InsteadFailed {
  readonly reason: FailureReason;
  readonly message: string;
}

/** What a page is recorded with. */
interface RecorderSetup {
  readonly outputRoot: string;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly emit: Emit;
  /** The GPU that a slot is on; null is the CPU. */
  readonly gpuOf: (slot: SlotId) => number | null;
  /** Of the options that shape the result. */
  readonly optionsHash: string;
  readonly mover: FileMover;
  readonly inspector: Pick<Inspector, 'check' | 'probe'>;
  readonly claims: Claims;
  /** The output file system holds `A.png` and `a.png` for one file. */
  readonly folding: Folding;
  /** Called for each page that is on record, and where its output is, relative to the output root. */
  readonly recorded?: (
    page: Page,
    end: { readonly outcome: Outcome; readonly at?: string | undefined },
  ) => void;
  /** What a page has cost, all of its tries, where its workers said so. Asked once. */
  readonly costOf?: (page: PageId) => number | undefined;
  /** Where a failed page's original goes with `--on-failed copy`. */
  readonly standIns: StandIns;
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
  handOver(page: Page, source: SourceGiven): void {
    this.#sources.handOver(page, source);
  }

  /** What a page's source holds, which was read while a translator had it. */
  contentRead(page: PageId, content: CheckedSource): void {
    this.#sources.contentRead(page, content);
  }

  /** True for the place of some page's output, whichever run makes it: nothing else may be put there. */
  isPlaceOfPage(name: string): boolean {
    const { claims, folding } = this.#setup;
    return claims.has(name, folding);
  }

  /**
   * Checks after a try that is not recorded that the page's original is what it was.
   * @throws Refusal where it looks like the translator writes over its input
   */
  async assertUntouched(page: Page): Promise<void> {
    await this.#sources.assertUntouched(page);
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
    { source: sourceSeen, ...end }: EndOfPage & { readonly source?: ResultCheck['source'] },
  ): Promise<InsteadFailed | undefined> {
    const { outputRoot, mover, claims, folding } = this.#setup;
    const found = await this.#sources.look(page, { seen: sourceSeen, output });
    if ('lost' in found) return { reason: 'unreadable', message: found.lost };
    const { source } = found;
    const at = output && placeOf(page, output.name);
    if (at !== null) {
      const other = claims.claim(at, page.id, folding);
      if (other !== undefined)
        return { reason: 'collision', message: `its output ${at} is already that of ${other}` };
    }
    // As of a translator that saves originals where it fails.
    const unchanged =
      output !== null && source !== null && (output.equalsSource ?? (await hasContentOf(output, source)));
    const place = async (): Promise<void> => {
      if (output && at !== null) await mover.move(output, path.join(outputRoot, at), page.id);
    };
    const cost = this.#setup.costOf?.(page.id);
    const event = outcomeEvent(page.id, { end, cost, outcome, at, unchanged });
    const written = { source, output: output && at !== null ? { path: at, bytes: output.bytes } : null };
    if (isGood(outcome)) await place();
    await this.#write(event, written);
    if (!isGood(outcome)) await place();
    if (output) await this.#removeStandIn(page, output);
    if (output) this.#warnOfSuffix(output);
    this.#tell(page, event);
    this.#setup.recorded?.(page, { outcome, at: at ?? undefined });
    return undefined;
  }

  /** Outputs are not renamed: a suffix that promises another format is told of once. */
  #warnOfSuffix({ name, format }: MadeOutput): void {
    const promised = formatOfSuffix(name);
    if (this.#warned || format === undefined || promised === undefined || promised === format) return;
    this.#warned = true;
    const text = `${name} contains ${format}, not ${promised}. Outputs keep the names that the translator gave them.`;
    this.#setup.emit({ type: 'notice', level: 'warn', text });
  }

  /** An earlier run may have put the original where the page was missing: under its own name, which the output has not. */
  async #removeStandIn(page: Page, output: MadeOutput): Promise<void> {
    const { outputRoot, standIns, claims, folding } = this.#setup;
    const at = placeOf(page, output.name);
    const name = await standIns.leftBeside(page.id, at);
    if (name === undefined || outputKey(name, folding) === outputKey(at, folding)) return;
    if (claims.claim(name, page.id, folding) === undefined) {
      await rm(path.join(outputRoot, name), { force: true });
    }
  }

  /**
   * Writes a failed page down; with `--on-failed copy` its original then stands in for it, unless an output of the page is
   * there. An original that can't be read is the page's own trouble.
   */
  async failed(page: Page, reason: FailureReason, end: EndOfPage): Promise<void> {
    const { outputRoot, mover } = this.#setup;
    const source = await this.#sourceOfFailed(page);
    const { standIn, isNew, note } = await this.#setup.standIns.planFor(page, reason, source);
    const cost = this.#setup.costOf?.(page.id);
    const eventWith = (notes: readonly (string | undefined)[]): PageFinished =>
      failureEvent(page.id, { end, cost, reason, notes });
    await this.#write(eventWith([note]), { source, output: null, ...(standIn && { standIn }) });
    let trouble: string | undefined;
    const isCopied = isNew && standIn;
    if (isCopied) {
      await mover.copy(page, path.join(outputRoot, standIn.path), page.id).catch((error: Error) => {
        if (error instanceof Refusal) throw error;
        trouble = `its original could not be copied into its place: ${error.message}`;
      });
    }
    const event = eventWith([note, trouble]);
    const originalInPlace = isCopied && trouble === undefined;
    this.#tell(page, { ...event, ...(originalInPlace && { originalInPlace }) });
    this.#setup.recorded?.(page, { outcome: 'failed' });
  }

  /**
   * What a page's source is; null where it can't be read. Nothing but a file is opened: a pipe has other readers. No look is
   * this process's own: the disk may not answer.
   * @throws Refusal where it looks like the translator writes over its input
   */
  async #sourceOfFailed(page: Page): Promise<LedgerLine['source']> {
    if (page.unreadable !== undefined) return null;
    const [seen] = await this.#setup.inspector.probe([sourceOf(page)], { measure: false });
    const found = seen?.source ? await this.#sources.look(page) : undefined;
    return found && 'source' in found ? found.source : null;
  }

  async #write(event: PageFinished, made: Pick<LedgerLine, 'source' | 'output' | 'standIn'>): Promise<void> {
    const { ledger, optionsHash, gpuOf } = this.#setup;
    await ledger.append(ledgerLineOf(event, { made, optionsHash, gpuOf }));
  }

  #tell(page: Page, event: PageFinished): void {
    this.#sources.forget(page.id);
    this.#setup.emit(event);
  }
}
