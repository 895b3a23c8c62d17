import { type Page, type PageId, sourceOf } from '../../model/page.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { type InputSeen, type StageDecision, stageDecision } from './stage-decision.ts';

/** A page of the trial that is larger says little of the others. */
const LARGEST_READ_BYTES = 64 * 1000 * 1000;

/** What the trial reads. */
interface TrialSetup {
  readonly inspector: Pick<Inspector, 'probe'>;
  /** The next page that may be copied and was not read yet. */
  readonly next: (isRead: (page: PageId) => boolean) => Page | undefined;
}

/** Reads the first pages of a run, to see whether copying the others ahead would pay. */
export class StageTrial {
  readonly #setup: TrialSetup;
  readonly #seen: { [K in keyof InputSeen]: number[] } = { readSeconds: [], pageSeconds: [] };
  readonly #read = new Set<PageId>();
  #isReading = false;

  constructor(setup: TrialSetup) {
    this.#setup = setup;
  }

  get seen(): InputSeen {
    return this.#seen;
  }

  get decision(): StageDecision {
    return stageDecision(this.#seen);
  }

  /** A worker has finished a page, after so many seconds. */
  pageTook(seconds: number): void {
    this.#seen.pageSeconds.push(seconds);
  }

  /**
   * Reads pages, one by one, while models load: a local disk has them ready for the workers then. `onRead` is called after each.
   * Settles once enough are read, none is left or `mayGoOn` is false; immediately where it is reading already. Never rejects: `failed`
   * where the disk fails.
   */
  async read(mayGoOn: () => boolean, onRead: () => void): Promise<'over' | 'failed'> {
    if (this.#isReading) return 'over';
    this.#isReading = true;
    try {
      while (mayGoOn() && this.decision === 'read') {
        const page = this.#setup.next((id) => this.#read.has(id));
        if (!page) break;
        this.#read.add(page.id);
        const stage = { mostBytes: LARGEST_READ_BYTES };
        const [found] = await this.#setup.inspector.probe([{ ...sourceOf(page), stage }], { measure: false });
        if (found?.ok && found.staged?.by === 'read') this.#seen.readSeconds.push(found.staged.seconds);
        onRead();
      }
      return 'over';
    } catch {
      // Whoever needs a page meets the same disk, and says so.
      return 'failed';
    } finally {
      this.#isReading = false;
    }
  }
}
