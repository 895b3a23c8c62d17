import { stat } from 'node:fs/promises';
import type { Emit } from '../../model/events.ts';
import { type Page, type PageId, sourceOf } from '../../model/page.ts';
import { checkOf } from '../../pages/check-result.ts';
import type { CheckedSource, Inspector } from '../../pages/inspector.ts';
import { hasContentOf } from '../../pages/same-content.ts';
import { changeOf, type SourceSighting } from '../../pages/source-sighting.ts';
import type { SourceRecord } from '../ledger/ledger-line.ts';
import { fileStamps } from '../resume/file-stamps.ts';
import { OriginalsAtRisk } from './originals-at-risk.ts';

/** Another program may replace a page while a translator has it, and then another one; hardly one after the other. */
const MOST_REPLACED = 3;

/** What a translator was given for a page. */
export interface SourceGiven {
  readonly sighting: SourceSighting;
  /** It got a copy: whatever happens to the original, the translator did not do it. */
  readonly isCopy: boolean;
  /** The source with its content, where all of it was read: it is read again only where it was changed since. */
  readonly content?: CheckedSource;
}

/** A source after a try: what the ledger may say of it (null: the next run has to look again), or why it can't be read. */
type SourceFound = { readonly source: SourceRecord | null } | { readonly lost: string };

/** What is known already when a source is looked at. */
interface Known {
  /** The source after the translator had it, where somebody looked. */
  readonly seen?: CheckedSource | null | undefined;
  readonly output?: { readonly path: string; readonly bytes: number } | null;
}

/**
 * Watches the originals of the pages that translators have. One that is gone or replaced costs its page at most; one with
 * other content in the same file, or with the output's content, looks like a translator that writes over its input: the
 * run must not go on.
 */
export class SourceWatch {
  readonly #inspector: Pick<Inspector, 'check' | 'probe'>;
  readonly #emit: Emit;
  readonly #given = new Map<PageId, SourceGiven & { readonly page: Page }>();
  #toldReplaced = false;
  /** Pages in a row that were replaced while a translator had the original. */
  #replacedInARow = 0;

  constructor({ inspector, emit }: { inspector: Pick<Inspector, 'check' | 'probe'>; emit: Emit }) {
    this.#inspector = inspector;
    this.#emit = emit;
  }

  handOver(page: Page, source: SourceGiven): void {
    this.#given.set(page.id, { ...source, page });
  }

  /** See `SourceGiven.content`. */
  contentRead(page: PageId, content: CheckedSource): void {
    const given = this.#given.get(page);
    if (given) this.#given.set(page, { ...given, content });
  }

  forget(page: PageId): void {
    this.#given.delete(page);
  }

  /** Looks no further where its times are as they were. @throws Refusal where it looks like the translator writes over its input */
  async assertUntouched(page: Page): Promise<void> {
    const before = this.#given.get(page.id)?.sighting;
    // A translator has never had the archive.
    if (page.entry) return;
    const now = before && (await stat(page.path).catch(() => undefined));
    if (now && isSame({ bytes: now.size, mtimeMs: now.mtimeMs, ctimeMs: now.ctimeMs }, before)) return;
    if (before) await this.look(page);
  }

  /** Looks at a page's source now. @throws Refusal where it looks like the translator writes over its input */
  async look(page: Page, { seen, output = null }: Known = {}): Promise<SourceFound> {
    // Its copy was checked against the archive's directory, whatever became of the archive since.
    if (page.entry) return { source: recordOf(page.entry) };
    const handed = this.#given.get(page.id);
    const look = { ...checkOf(page), known: handed?.content };
    const now = seen === undefined ? (await this.#inspector.check(look)).source : seen;
    if (!handed) return { source: now && recordOf(now) };
    const { sighting, isCopy } = handed;
    if (now && isSame(now, sighting)) return this.#unchanged(now);
    const [again] = await this.#inspector.probe([sourceOf(page)], { measure: false });
    if (!now || !again?.source) return { lost: lostWords(again?.ok === false ? again.message : undefined) };
    const change = changeOf(sighting, again.source);
    if (change === 'none') return this.#unchanged(now);
    // A translator may also put what it made in the place of its input.
    const isTranslators = change === 'overwritten' || (output && (await hasContentOf(output, now)));
    if (!isCopy && (isTranslators || ++this.#replacedInARow >= MOST_REPLACED))
      throw new OriginalsAtRisk(page, await this.#othersChanged(page));
    this.#tellReplaced(page);
    return { source: null };
  }

  #unchanged(now: CheckedSource): SourceFound {
    this.#replacedInARow = 0;
    return { source: recordOf(now) };
  }

  /** Other pages that translators have, and whose originals are not what they were: the same translator may have had them. */
  async #othersChanged({ id }: Page): Promise<Page[]> {
    const others = [...this.#given.values()].filter(({ page, isCopy }) => page.id !== id && !isCopy);
    const stamps = await fileStamps(others.map(({ page }) => page.path));
    return others.flatMap(({ page, sighting }, at) => {
      const now = stamps[at];
      return now?.bytes === sighting.bytes && now.mtimeMs === sighting.mtimeMs ? [] : page;
    });
  }

  #tellReplaced({ id }: Page): void {
    if (this.#toldReplaced) return;
    this.#toldReplaced = true;
    const text = `${id} was changed by another program while it was translated. The next run translates it again, and any other such page.`;
    this.#emit({ type: 'notice', level: 'warn', text });
  }
}

const isSame = (now: Omit<CheckedSource, 'crc32'>, before: SourceSighting): boolean =>
  now.bytes === before.bytes && now.mtimeMs === before.mtimeMs && now.ctimeMs === before.ctimeMs;

const recordOf = ({ bytes, mtimeMs, crc32 }: SourceRecord): SourceRecord => ({ bytes, mtimeMs, crc32 });

const lostWords = (why = 'it could not be read'): string =>
  `the page's file was lost while it was translated: ${why}`;
