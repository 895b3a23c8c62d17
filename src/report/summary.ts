import type { Counts, PageFinished, RunEvent, RunFinished, RunStarted } from '../model/events.ts';
import type { FailureReason, Outcome } from '../model/outcome.ts';
import type { SlotId } from '../model/slot.ts';
import { type FolderSummaries, FolderTally, listFolders } from './folder-tally.ts';
import { round3 } from './format.ts';
import { GpuTallies } from './gpu-tallies.ts';
import { packingOf } from './packing-lines.ts';
import { PageMarks } from './page-marks.ts';
import { PageNotes } from './page-notes.ts';
import type { PackingSummary, SummaryContext } from './run-summary.ts';
import type { NodeSummary, RunSummary } from './summary-schema.ts';
import { TroubleList } from './trouble-list.ts';
import { PageTimes, whatOtherSaves } from './what-if.ts';

type Forecast = RunEvent & { readonly type: 'forecast' };

/**
 * Adds a run's events up. What it holds does not grow with the pages that went well, but for six bytes each; of those that did not it lists the first thousand a reason and counts the rest.
 */
export class SummaryBuilder {
  #started: RunStarted | undefined;
  #finished: RunFinished | undefined;
  #firstMs: number | undefined;
  #lastMs = 0;
  #later: number | undefined;
  #found: number | undefined;
  #skipped = 0;
  #retries = 0;
  #childPages = 0;
  #outcomes: Record<Outcome, number> = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 };
  #failures = new Map<FailureReason, TroubleList>();
  #untranslated = new TroubleList();
  readonly #marks = new PageMarks();
  readonly #notes = new PageNotes();
  readonly #folders = new FolderTally();
  /** Slots that take no more pages, and why. */
  #retired = new Map<SlotId, string>();
  #packing = new Map<number | null, PackingSummary>();
  #benched: { gpu: number | null; reason: string }[] = [];
  readonly #gpus = new GpuTallies();
  #nodes = new Map<string, NodeSummary>();
  #times = new PageTimes();
  #cost = 0;
  #forecastSeconds: number | undefined;
  #rest: { pages: number; seconds: number } | undefined;
  #sawReady = false;

  add(event: RunEvent): void {
    const atMs = Date.parse(event.time);
    this.#firstMs ??= atMs;
    this.#lastMs = Math.max(this.#lastMs, atMs);
    this.#gpus.add(event, atMs);
    switch (event.type) {
      case 'run-started':
        this.#started = event;
        break;
      case 'slot-joined':
        this.#retired.delete(event.slot);
        break;
      case 'slot-retired':
        if (event.by === undefined) this.#retired.set(event.slot, event.why);
        break;
      case 'node-joined': {
        const { node, address, host, gpus } = event;
        this.#nodes.set(node, { node, address, host, gpus });
        break;
      }
      case 'node-left': {
        const node = this.#nodes.get(event.node);
        if (node) this.#nodes.set(event.node, { ...node, left: event.why });
        break;
      }
      case 'packing-changed':
        this.#packing.set(event.gpu, packingOf(event));
        break;
      case 'folders-found':
        this.#folders.found(event.folders, { isInAnyOrder: event.anyOrder ?? false });
        break;
      case 'pages-found':
        if (!event.more) this.#folders.foundAll();
        this.#found = event.pages;
        this.#later = event.later;
        this.#skipped = event.skipped;
        break;
      case 'forecast':
        this.#foretold(event, atMs);
        break;
      case 'worker-ready':
        this.#sawReady = true;
        break;
      case 'gpu-benched':
        this.#benched.push({ gpu: event.gpu, reason: event.reason });
        break;
      case 'page-retried':
        this.#retries += 1;
        break;
      case 'page-finished':
        this.#addPage(event);
        break;
      case 'run-finished':
        this.#finished = event;
        break;
    }
  }

  /** The sum of what was added so far: of a run that ended, or one that is still going or was killed. */
  summary({ paths, continueCommand, warm }: SummaryContext = {}): RunSummary {
    const seconds = this.#finished?.seconds ?? (this.#lastMs - (this.#firstMs ?? this.#lastMs)) / 1000;
    const counts = this.#finished?.counts ?? this.#countsSoFar();
    const secondsAPage = this.#childPages > 0 ? seconds / this.#childPages : undefined;
    const again = counts.left + counts.failed + counts.untranslated > 0 || this.#finished === undefined;
    const saved = this.#saved(warm ?? this.#sawReady);
    const folders = this.allFolders();
    return {
      v: 1,
      run: this.#started?.run ?? '',
      finished: this.#finished !== undefined,
      strategy: this.#started?.strategy ?? '',
      translator: this.#started?.translator ?? '',
      ...(this.#firstMs !== undefined && { startedAt: new Date(this.#firstMs).toISOString() }),
      seconds: round3(seconds),
      counts,
      ...(folders && listFolders(folders)),
      ...(this.#later !== undefined && { later: this.#later }),
      retries: this.#retries,
      pagesPerMinute: seconds > 0 ? round3((this.#childPages * 60) / seconds) : 0,
      ...(this.#finished === undefined &&
        secondsAPage !== undefined && { secondsLeft: round3(counts.left * secondsAPage) }),
      exitCode: this.#finished?.exitCode ?? null,
      ...(this.#finished?.message !== undefined && { message: this.#finished.message }),
      ...(this.#finished?.hint !== undefined && { hint: this.#finished.hint }),
      gpus: this.#gpus.summaries({ firstMs: this.#firstMs ?? this.#lastMs, lastMs: this.#lastMs, seconds }),
      ...(this.#nodes.size > 0 && { nodes: [...this.#nodes.values()] }),
      failures: [...this.#failures]
        .map(([reason, { count, pages }]) => ({ reason, count, pages: [...pages] }))
        .sort((one, other) => other.count - one.count),
      untranslated: { count: this.#untranslated.count, pages: [...this.#untranslated.pages] },
      ...this.#marks.counts,
      ...this.#notes.summary,
      ...(this.#packing.size > 0 && { packing: [...this.#packing.values()] }),
      benched: [...this.#benched],
      ...(this.#retired.size > 0 && {
        retired: [...this.#retired].map(([slot, why]) => ({ slot, gpu: this.gpuOf(slot), why })),
      }),
      ...(paths && { paths: { ...paths } }),
      ...(continueCommand !== undefined && again && { continueCommand }),
      ...(this.#spent !== undefined && { cost: this.#spent }),
      ...(this.#forecastSeconds !== undefined && { forecastSeconds: round3(this.#forecastSeconds) }),
      ...(this.#rest && { rest: this.#rest }),
      ...(saved && { saving: { strategy: saved.strategy, seconds: round3(saved.seconds) } }),
    };
  }

  /** How far each folder is, however many there are; undefined where the events don't tell. */
  allFolders(): FolderSummaries | undefined {
    return this.#folders.summaries();
  }

  /** The GPU that a slot is on; null is the CPU. */
  gpuOf(slot: SlotId): number | null {
    return this.#gpus.gpuOf(slot);
  }

  #addPage(event: PageFinished): void {
    const { outcome, slot, seconds, cost = 0 } = event;
    this.#cost += cost;
    this.#outcomes[outcome] += 1;
    this.#folders.finished(event.page, outcome);
    this.#marks.add(event);
    this.#notes.add(event);
    if (outcome === 'untranslated') this.#untranslated.add(event, this.#started?.run);
    if (outcome === 'failed') {
      const reason = event.reason ?? 'error';
      const list = this.#failures.get(reason) ?? new TroubleList();
      this.#failures.set(reason, list);
      list.add(event, this.#started?.run);
    }
    if (slot === undefined) return;
    this.#childPages += 1;
    if (seconds !== undefined) this.#times.add(slot, seconds);
  }

  #foretold({ by, secondsLeft, pagesLeft }: Forecast, atMs: number): void {
    if (by === 'rest') this.#rest = { pages: pagesLeft, seconds: secondsLeft };
    else this.#forecastSeconds ??= (atMs - (this.#firstMs ?? atMs)) / 1000 + secondsLeft;
  }

  /** Undefined where no worker said anything of costs. */
  get #spent(): number | undefined {
    const spent = this.#finished?.cost ?? Number(this.#cost.toPrecision(12));
    return spent > 0 ? spent : undefined;
  }

  #countsSoFar(): Counts {
    const { translated, untranslated, failed, 'no-text': noText } = this.#outcomes;
    const done = translated + untranslated + failed + noText;
    const left = Math.max(0, (this.#found ?? 0) - this.#skipped - done);
    return { ...this.#outcomes, skipped: this.#skipped, left };
  }

  #saved(warm: boolean): ReturnType<typeof whatOtherSaves> {
    // A run that was cut short has no end to compare with.
    if (this.#finished === undefined || this.#finished.counts.left > 0) return undefined;
    return whatOtherSaves({
      strategy: this.#started?.strategy ?? '',
      times: this.#times,
      kindOf: (slot) => this.#gpus.nameOf(slot) ?? '',
      loadSeconds: this.#gpus.secondsPerLoad,
      warm,
    });
  }
}
