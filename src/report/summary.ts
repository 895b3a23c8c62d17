import type { Counts, PageFinished, RunEvent, RunFinished, RunStarted } from '../model/events.ts';
import type { FailureReason, Outcome } from '../model/outcome.ts';
import type { PageId } from '../model/page.ts';
import type { SlotId } from '../model/slot.ts';
import { type FolderSummaries, FolderTally, listFolders } from './folder-tally.ts';
import { round3 } from './format.ts';
import { GpuTally } from './gpu-tally.ts';
import { packingOf } from './packing-lines.ts';
import { PageMarks } from './page-marks.ts';
import type { PackingSummary, SummaryContext } from './run-summary.ts';
import { SlotGpus } from './slot-gpus.ts';
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
  readonly #folders = new FolderTally();
  /** Slots that take no more pages, and why. */
  #retired = new Map<SlotId, string>();
  #packing = new Map<number | null, PackingSummary>();
  #benched: { gpu: number | null; reason: string }[] = [];
  readonly #slotGpus = new SlotGpus();
  #gpus = new Map<number | null, GpuTally>();
  /** What is known of GPUs since they joined. */
  #joinedGpus = new Map<number, { readonly name: string | undefined; readonly node: string | undefined }>();
  #nodes = new Map<string, NodeSummary>();
  #loadingSinceMs = new Map<SlotId, number>();
  /** By which page a worker's load was measured. */
  #loadedBy = new Map<SlotId, PageId>();
  #times = new PageTimes();
  #cost = 0;
  #forecastSeconds: number | undefined;
  #rest: { pages: number; seconds: number } | undefined;
  #sawReady = false;

  add(event: RunEvent): void {
    const atMs = Date.parse(event.time);
    this.#firstMs ??= atMs;
    this.#lastMs = Math.max(this.#lastMs, atMs);
    switch (event.type) {
      case 'run-started':
        this.#started = event;
        for (const device of event.slotDevices ?? []) this.#slotGpus.add(device);
        for (const slot of event.slots) this.#gpuOf(slot).slotJoined(atMs);
        break;
      case 'slot-joined':
        this.#slotGpus.add(event);
        if (event.gpu !== null) this.#joinedGpus.set(event.gpu, { name: event.gpuName, node: event.node });
        this.#retired.delete(event.slot);
        this.#gpuOf(event.slot).slotJoined(atMs);
        break;
      case 'slot-retired':
        if (event.by === undefined) this.#retired.set(event.slot, event.why);
        this.#loadingSinceMs.delete(event.slot);
        this.#gpuOf(event.slot).busy.slotRetired(event.slot, atMs);
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
      case 'worker-started':
        this.#loadingSinceMs.set(event.slot, atMs);
        this.#slotGpus.add(event);
        this.#gpuOf(event.slot).workerStarted(event.slot, atMs);
        break;
      case 'worker-ready':
        this.#sawReady = true;
        this.#loaded(event.slot, atMs);
        this.#gpuOf(event.slot).busy.workerReady(event.slot, atMs);
        break;
      case 'page-started':
        if (this.#loaded(event.slot, atMs)) this.#loadedBy.set(event.slot, event.page);
        this.#gpuOf(event.slot).busy.pageStarted(event.slot, event.page, atMs);
        break;
      case 'worker-exited':
        this.#loadingSinceMs.delete(event.slot);
        this.#loadedBy.delete(event.slot);
        this.#gpuOf(event.slot).workerExited(event, atMs);
        break;
      case 'gpu-benched':
        this.#benched.push({ gpu: event.gpu, reason: event.reason });
        break;
      case 'page-retried':
        this.#retries += 1;
        this.#gpuOf(event.slot).busy.pageEnded(event.slot, event.page, atMs);
        break;
      case 'page-finished':
        this.#addPage(event, atMs);
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
      gpus: [...this.#gpus.values()].map((gpu) =>
        gpu.summary({ firstMs: this.#firstMs ?? this.#lastMs, lastMs: this.#lastMs, seconds }),
      ),
      ...(this.#nodes.size > 0 && { nodes: [...this.#nodes.values()] }),
      failures: [...this.#failures]
        .map(([reason, { count, pages }]) => ({ reason, count, pages: [...pages] }))
        .sort((one, other) => other.count - one.count),
      untranslated: { count: this.#untranslated.count, pages: [...this.#untranslated.pages] },
      ...this.#marks.counts,
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
    return this.#slotGpus.of(slot);
  }

  #addPage(event: PageFinished, atMs: number): void {
    const { outcome, slot, seconds, cost = 0 } = event;
    this.#cost += cost;
    this.#outcomes[outcome] += 1;
    this.#folders.finished(event.page, outcome);
    this.#marks.add(event);
    if (outcome === 'untranslated') this.#untranslated.add(event, this.#started?.run);
    if (outcome === 'failed') {
      const reason = event.reason ?? 'error';
      const list = this.#failures.get(reason) ?? new TroubleList();
      this.#failures.set(reason, list);
      list.add(event, this.#started?.run);
    }
    if (slot === undefined) {
      for (const { busy } of this.#gpus.values()) busy.pageEnded(slot, event.page, atMs);
      return;
    }
    this.#childPages += 1;
    const gpu = this.#gpuOf(slot);
    gpu.pageFinished(event);
    gpu.busy.pageEnded(slot, event.page, atMs);
    if (this.#loadedBy.get(slot) === event.page) {
      this.#loadedBy.delete(slot);
      if (seconds === undefined && event.output !== undefined) gpu.loadHadPage();
    }
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

  /** True where that was news. */
  #loaded(slot: SlotId, atMs: number): boolean {
    const sinceMs = this.#loadingSinceMs.get(slot);
    if (sinceMs === undefined) return false;
    this.#loadingSinceMs.delete(slot);
    this.#gpuOf(slot).loaded(Math.max(0, atMs - sinceMs) / 1000);
    return true;
  }

  #gpuOf(slot: SlotId): GpuTally {
    const gpu = this.gpuOf(slot);
    const known = this.#gpus.get(gpu);
    if (known !== undefined) return known;
    const joined = gpu === null ? undefined : this.#joinedGpus.get(gpu);
    const name = joined?.name ?? this.#started?.gpus.find(({ index }) => index === gpu)?.name;
    const tally = new GpuTally(gpu, { name, node: joined?.node });
    this.#gpus.set(gpu, tally);
    return tally;
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
    const loads = [...this.#gpus.values()].flatMap(({ secondsPerLoad }) => secondsPerLoad ?? []);
    return whatOtherSaves({
      strategy: this.#started?.strategy ?? '',
      times: this.#times,
      kindOf: (slot) => this.#gpuOf(slot).name ?? '',
      loadSeconds: loads.length === 0 ? undefined : loads.reduce((sum, load) => sum + load, 0) / loads.length,
      warm,
    });
  }
}
