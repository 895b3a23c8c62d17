import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { LogLevel } from '../../model/events.ts';
import { type Page, type PageId, sourceOf } from '../../model/page.ts';
import type { CheckedSource, GoodProbe, Inspector } from '../../pages/inspector.ts';
import { type InputSeen, median, stageDecision } from './stage-decision.ts';
import { StageSpace } from './stage-space.ts';
import { copyingFails, isOfFolder, pageTooLarge, turnedOn } from './stage-words.ts';

/** So far ahead of the workers pages are copied, where there is room. */
const MOST_AHEAD = 256;
/** A page of the trial that is larger says little of the others. */
const LARGEST_READ_BYTES = 64 * 1000 * 1000;

/** A page's copy, which its worker may do anything to. */
export interface StagedPage {
  readonly page: Page;
  readonly path: string;
  /** What the source was when it was copied. */
  readonly found: GoodProbe;
  /** Missing where its times might not show a change since. */
  readonly content?: CheckedSource;
}

/** The folder of a run's copies. */
export interface OpenedStage {
  readonly path: string;
  readonly roomBytes: number;
  /** Removes it with all copies. Never rejects. */
  close(): Promise<void>;
}

/** Clocks of some disks have ticks of two seconds: what changes a file within one leaves its times as they are. */
const LONGEST_TICK_MS = 3000;

/** A source with its content, as it was read at `nowMs`; undefined for one that was changed just before. */
export function contentOf(
  { bytes, mtimeMs, ctimeMs }: GoodProbe['source'],
  crc32: number,
  nowMs: number,
): CheckedSource | undefined {
  const isOld = nowMs - Math.max(mtimeMs, ctimeMs) > LONGEST_TICK_MS;
  return isOld ? { bytes, mtimeMs, ctimeMs, crc32 } : undefined;
}

type Probe = Pick<Inspector, 'probe'>;

/** What a stage works with. */
export interface StageSetup {
  /** True where copies are wanted; false where the first pages are to tell. */
  readonly isWanted: boolean;
  /** The next pages, in the order in which workers will come to them, so many at the most. */
  readonly upcoming: (most: number) => readonly Page[];
  /** Told of each page that was copied ahead and is there. */
  readonly arrived?: (page: Page) => void;
  /** Reads the pages of the trial. */
  readonly inspector: Probe;
  /** Threads of its own for copies, so that no result waits behind them. */
  readonly openInspector: () => Probe & Pick<Inspector, 'close'>;
  /** So many pages are copied at one time. */
  readonly atOnce: number;
  /** Undefined where there is no folder for copies, and that was told. */
  readonly openFolder: () => Promise<OpenedStage | undefined>;
  readonly tell: (level: Extract<LogLevel, 'info' | 'warn'>, text: string) => void;
  readonly stop: AbortSignal;
}

interface Opened extends OpenedStage {
  readonly space: StageSpace;
  readonly inspector: Probe & Pick<Inspector, 'close'>;
}

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
  #state: 'trial' | 'on' | 'off';
  #hasBegun = false;
  #isTrying = false;
  #isClosed = false;
  #opening: Promise<Opened | undefined> | undefined;
  #opened: Opened | undefined;
  readonly #seen: { [K in keyof InputSeen]: number[] } = { readSeconds: [], pageSeconds: [] };
  readonly #read = new Set<PageId>();
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
  }

  /** True where pages are copied before workers get them. */
  get isOn(): boolean {
    return this.#state === 'on';
  }

  /** The first worker was started: nothing else waits for the disk now. */
  begin(): void {
    this.#hasBegun = true;
    this.wake();
  }

  /** There may be more pages, or more room. */
  wake(): void {
    if (!this.#hasBegun || this.#isClosed) return;
    if (this.#state === 'on') this.#fill();
    else if (this.#state === 'trial' && !this.#isTrying) void this.#try();
  }

  /** A page's copy, made now where there is none yet; undefined where the page is to be given as it is. Never rejects. */
  take(page: Page): Promise<StagedPage | undefined> | undefined {
    const copy = this.#copies.get(page.id);
    this.#copies.delete(page.id);
    if (copy) return copy.coming;
    return this.#state === 'on' && this.#isFit(page) ? this.#copy(page) : undefined;
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
    if (this.#state !== 'trial' || seconds === undefined) return;
    this.#seen.pageSeconds.push(seconds);
    this.#decide();
  }

  /** No more copies, and no trial: the pages are given as they are. */
  turnOff(why?: string): void {
    if (this.#state === 'off') return;
    this.#state = 'off';
    if (why !== undefined) this.#setup.tell('warn', why);
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
    const decision = stageDecision(this.#seen);
    if (decision === 'off') this.#state = 'off';
    if (decision !== 'on') return;
    this.#state = 'on';
    this.#setup.tell('info', turnedOn(median(this.#seen.readSeconds), median(this.#seen.pageSeconds)));
    this.#fill();
  }

  /** Reads the first pages, one by one, while models load: a local disk has them ready for the workers then. */
  async #try(): Promise<void> {
    this.#isTrying = true;
    const { inspector, upcoming, stop } = this.#setup;
    try {
      while (this.#state === 'trial' && !this.#isClosed && !stop.aborted) {
        if (stageDecision(this.#seen) !== 'read') break;
        const page = upcoming(MOST_AHEAD).find((one) => this.#isFit(one) && !this.#read.has(one.id));
        if (!page) break;
        this.#read.add(page.id);
        const stage = { mostBytes: LARGEST_READ_BYTES };
        const [found] = await inspector.probe([{ ...sourceOf(page), stage }], { measure: false });
        if (found?.ok && found.staged?.by === 'read') this.#seen.readSeconds.push(found.staged.seconds);
        this.#decide();
      }
    } catch {
      // Whoever needs a page meets the same disk, and says so.
      this.turnOff();
    } finally {
      this.#isTrying = false;
    }
  }

  #isFit({ id, entry, unreadable }: Page): boolean {
    return entry === undefined && unreadable === undefined && !this.#passed.has(id);
  }

  #fill(): void {
    const { upcoming, atOnce, arrived, stop } = this.#setup;
    if (this.#underWay >= atOnce) return;
    for (const page of upcoming(MOST_AHEAD)) {
      if (this.#state !== 'on' || stop.aborted || this.#underWay >= atOnce) return;
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
      this.#opening ??= this.#open();
      const opened = await this.#opening;
      return opened && this.#state === 'on' ? await this.#copyInto(opened, page) : undefined;
    } finally {
      this.#underWay -= 1;
      // Once whoever waits for this copy has it.
      queueMicrotask(() => this.wake());
    }
  }

  async #open(): Promise<Opened | undefined> {
    const { openFolder, openInspector } = this.#setup;
    const folder = await openFolder().catch((error: unknown) => {
      this.turnOff(copyingFails(error));
      return undefined;
    });
    if (!folder) {
      this.turnOff();
      return undefined;
    }
    const opened = {
      path: folder.path,
      roomBytes: folder.roomBytes,
      close: () => folder.close(),
      space: new StageSpace(folder.roomBytes),
      inspector: openInspector(),
    };
    this.#opened = opened;
    return opened;
  }

  /** At most twice: a page that is larger than the others is asked for once more, with the room that it needs. */
  async #copyInto({ path: folder, space, inspector }: Opened, page: Page): Promise<StagedPage | undefined> {
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
