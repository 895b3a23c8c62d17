import { rm } from 'node:fs/promises';
import path from 'node:path';
import { isThere } from '../../model/is-there.ts';
import { type Page, type PageId, sourceOf } from '../../model/page.ts';
import { type OpenedCopies, openCopies } from './open-copies.ts';
import { median } from './stage-decision.ts';
import type { StageSetup } from './stage-setup.ts';
import type { StageSpace } from './stage-space.ts';
import { StageTrial } from './stage-trial.ts';
import { copiesRemoved, copyingFails, isOfFolder, pageTooLarge, turnedOn } from './stage-words.ts';
import { contentOf, type StagedPage } from './staged-page.ts';

/** So far ahead of the workers pages are copied, where there is room. */
const MOST_AHEAD = 256;

/** A copy that nobody has asked for yet; `there` once it is made. */
interface Waiting {
  readonly coming: Promise<StagedPage | undefined>;
  there?: StagedPage;
}

/**
 * Copies the next pages ahead of the workers, as far as there is room, where that is wanted or the first pages show that it pays.
 * Nothing fails for it: a page without a copy is given as it is.
 */
export class Stage {
  readonly #setup: StageSetup;
  /** `trying`: copies are made until a page tells whether they pay. */
  #state: 'trial' | 'trying' | 'on' | 'off';
  #hasBegun = false;
  readonly #trial: StageTrial;
  #isClosed = false;
  #opening: Promise<OpenedCopies | undefined> | undefined;
  #opened: OpenedCopies | undefined;
  /** Copies that are there or under way, for pages that nobody has asked for yet. */
  readonly #copies = new Map<PageId, Waiting>();
  /** Pages that are not copied: too large, or trouble that whoever needs them will meet. */
  readonly #passed = new Set<PageId>();
  #underWay = 0;
  #made = 0;
  #hasToldTooLarge = false;

  constructor(setup: StageSetup) {
    this.#setup = setup;
    this.#state = setup.isWanted ? 'on' : 'trial';
    const next = (isRead: (page: PageId) => boolean): Page | undefined =>
      setup.upcoming(MOST_AHEAD).find((page) => this.#isFit(page) && !isRead(page.id));
    this.#trial = new StageTrial({ inspector: setup.inspector, next });
  }

  /** True where pages are copied before workers get them. */
  get isOn(): boolean {
    return this.#state === 'on' || this.#state === 'trying';
  }

  /** The first worker was started: nothing else waits for the disk now. */
  begin(): void {
    this.#hasBegun = true;
    this.wake();
  }

  /** There may be more pages, or more room. */
  wake(): void {
    if (!this.#hasBegun || this.#isClosed) return;
    if (this.isOn) this.#fill();
    else if (this.#state === 'trial') void this.#try();
  }

  /** A page's copy, made now where there is none yet; undefined where the page is to be given as it is. Never rejects. */
  take(page: Page): Promise<StagedPage | undefined> | undefined {
    const copy = this.#copies.get(page.id);
    this.#copies.delete(page.id);
    if (copy) return copy.coming;
    return this.isOn && this.#isFit(page) ? this.#copy(page) : undefined;
  }

  /** A page's copy, where it is there already. */
  takeReady(page: Page): StagedPage | undefined {
    const there = this.#copies.get(page.id)?.there;
    if (there) this.#copies.delete(page.id);
    return there;
  }

  /** No worker has had the copy: it waits for the page again. */
  putBack(copy: StagedPage): void {
    if (this.#isClosed || this.#copies.has(copy.page.id)) void this.remove(copy);
    else this.#copies.set(copy.page.id, { coming: Promise.resolve(copy), there: copy });
  }

  /** The copy is not needed any more. Never rejects: what stays goes with the folder. */
  async remove({ path: file, found }: StagedPage): Promise<void> {
    await rm(path.dirname(file), { recursive: true, force: true }).catch(() => {});
    this.#opened?.space.release(found.source.bytes);
    this.wake();
  }

  /** A worker has finished a page, after so many seconds. */
  pageTook(seconds: number | undefined): void {
    if ((this.#state !== 'trial' && this.#state !== 'trying') || seconds === undefined) return;
    this.#trial.pageTook(seconds);
    this.#decide();
  }

  /** No more copies, and no trial: the pages are given as they are. */
  turnOff(why?: string): void {
    if (this.#state === 'off') return;
    this.#state = 'off';
    if (why !== undefined) this.#setup.tell('warn', why);
  }

  /**
   * True where a copy is gone: how a page ended says nothing of it then. It is given as it is from now on; so are all others where
   * the folder itself is gone.
   */
  async hasLost({ page, path: file }: StagedPage): Promise<boolean> {
    if (await isThere(file)) return false;
    this.#passed.add(page.id);
    await this.isGone();
    return true;
  }

  /** True where the folder of the copies is gone, as somebody else has removed it. */
  async isGone(): Promise<boolean> {
    const folder = this.#opened?.path;
    if (folder === undefined || (await isThere(folder))) return false;
    this.lose();
    return true;
  }

  /** The copies are not to be used any more: somebody else has removed them, or their folder is no longer this run's. */
  lose(): void {
    this.#copies.clear();
    this.turnOff(copiesRemoved(this.#opened?.path));
  }

  /** Removes all copies, once none is under way any more. Never rejects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#state = 'off';
    const opened = await this.#opening;
    await opened?.inspector.close();
    await opened?.close();
  }

  #decide(): void {
    const { decision, seen } = this.#trial;
    if (decision === 'read' || decision === 'wait') return;
    this.#state = decision === 'try' ? 'trying' : decision;
    if (decision === 'on')
      this.#setup.tell('info', turnedOn(median(seen.readSeconds), median(seen.pageSeconds)));
    if (this.isOn) this.#fill();
  }

  async #try(): Promise<void> {
    const mayGoOn = (): boolean => this.#state === 'trial' && !this.#isClosed && !this.#setup.stop.aborted;
    const end = await this.#trial.read(mayGoOn, () => this.#decide());
    if (end === 'failed') this.turnOff();
  }

  #isFit({ id, entry, unreadable }: Page): boolean {
    return entry === undefined && unreadable === undefined && !this.#passed.has(id);
  }

  #fill(): void {
    const { upcoming, atOnce, arrived, stop } = this.#setup;
    if (this.#underWay >= atOnce) return;
    for (const page of upcoming(MOST_AHEAD)) {
      if (!this.isOn || stop.aborted || this.#underWay >= atOnce) return;
      if (!this.#isFit(page) || this.#copies.has(page.id)) continue;
      if (this.#opened && !this.#hasRoom(this.#opened.space)) return;
      const coming = this.#copy(page);
      const copy: Waiting = { coming };
      this.#copies.set(page.id, copy);
      void coming.then((found) => {
        if (this.#copies.get(page.id) !== copy) return;
        if (found) {
          copy.there = found;
          arrived?.(page);
        } else this.#copies.delete(page.id);
      });
    }
  }

  #hasRoom(space: StageSpace): boolean {
    const reserved = space.reserve(undefined);
    if (reserved !== undefined) space.release(reserved);
    return reserved !== undefined;
  }

  async #copy(page: Page): Promise<StagedPage | undefined> {
    this.#underWay += 1;
    try {
      this.#opening ??= openCopies(this.#setup, (why) => this.turnOff(why));
      const opened = await this.#opening;
      this.#opened = opened;
      return opened && this.isOn ? await this.#copyInto(opened, page) : undefined;
    } finally {
      this.#underWay -= 1;
      // Once whoever waits for this copy has it.
      queueMicrotask(() => this.wake());
    }
  }

  /** At most twice: a page that is larger than the others is asked for once more, with the room that it needs. */
  async #copyInto(
    { path: folder, space, inspector }: OpenedCopies,
    page: Page,
  ): Promise<StagedPage | undefined> {
    let bytes: number | undefined;
    for (let left = 2; left > 0; left -= 1) {
      const reserved = space.reserve(bytes);
      if (reserved === undefined) return undefined;
      this.#made += 1;
      const target = path.join(folder, String(this.#made), path.basename(page.id));
      const stage = { path: target, mostBytes: reserved };
      const found = await inspector
        .probe([{ ...sourceOf(page), stage }], { measure: true })
        .then(([one]) => one)
        .catch((error: unknown) => {
          if (!this.#isClosed) this.turnOff(copyingFails(error));
          return undefined;
        });
      const staged = found?.ok ? found.staged : undefined;
      if (found?.ok && staged?.by === 'copied') {
        space.settle(reserved, found.source.bytes);
        const content = contentOf(found.source, staged.crc32, Date.now());
        return { page, path: target, found, ...(content && { content }) };
      }
      space.release(reserved);
      if (staged?.by === 'refused' && isOfFolder(staged.code))
        this.turnOff(copyingFails(staged.code, folder));
      if (staged?.by !== 'too-large') {
        this.#passed.add(page.id);
        return undefined;
      }
      bytes = staged.bytes;
      if (!space.couldHold(bytes)) break;
    }
    this.#passTooLarge(page, space.roomBytes);
    return undefined;
  }

  #passTooLarge(page: Page, roomBytes: number): void {
    this.#passed.add(page.id);
    if (this.#hasToldTooLarge) return;
    this.#hasToldTooLarge = true;
    this.#setup.tell('info', pageTooLarge(page.id, roomBytes));
  }
}
