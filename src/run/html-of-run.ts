import path from 'node:path';
import { removeFile } from '../model/remove-file.ts';
import type { RunOptions } from '../model/run-options.ts';
import { HtmlReportWriter } from '../report/html/html-report.ts';
import { unfinishedReport } from '../report/html/unfinished-report.ts';
import type { RunSummary } from '../report/summary-schema.ts';
import { namesIn } from '../store/outputs/names-in.ts';
import { isFor } from '../store/outputs/old-work.ts';
import { partOfRun } from '../store/runs.ts';
import type { ResolvedRun } from './resolve-run.ts';

const REPORT = 'report.html';
/** A run that was killed while it wrote its report is one of the last. */
const RUNS_LOOKED_AT = 50;

/** What a run's report is made of. */
interface HtmlSetup {
  readonly options: Pick<RunOptions, 'html' | 'part'>;
  readonly resolved: {
    readonly folders: Pick<ResolvedRun['folders'], 'output' | 'run'>;
    readonly run: string;
    readonly redact: { readonly text: (text: string) => string };
  };
}

/** The HTML report that a run leaves when it ends. */
export class HtmlOfRun {
  readonly #setup: HtmlSetup;
  readonly #file: string;
  readonly #writer: HtmlReportWriter | undefined;

  constructor({ options, resolved }: HtmlSetup) {
    this.#setup = { options, resolved };
    const { output, run: folder } = resolved.folders;
    const file = path.join(folder, REPORT);
    this.#file = file;
    if (options.html)
      this.#writer = new HtmlReportWriter({ file, output, folder, embed: 0, ended: resolved.run });
  }

  /** The run is about to end. */
  prepare(): void {
    this.#writer?.prepare();
  }

  /** Writes the report of the run, which has ended: says where it is, or why there is none. Never rejects. */
  async write(): Promise<Pick<RunSummary, 'html' | 'htmlTrouble'>> {
    const { options, resolved } = this.#setup;
    await removeUnfinished(path.dirname(resolved.folders.run), options);
    if (!this.#writer) return {};
    const trouble = await this.#writer.write();
    return trouble === undefined ? { html: this.#file } : { htmlTrouble: resolved.redact.text(trouble) };
  }
}

/** Removes what killed runs had written of their reports; not of other parts, which may be at it. */
async function removeUnfinished(runs: string, { part }: Pick<RunOptions, 'part'>): Promise<void> {
  const names = await namesIn(runs).catch((): string[] => []);
  const last = names.filter((run) => isFor(partOfRun(run), part)).sort();
  const files = last.slice(-RUNS_LOOKED_AT).map((run) => unfinishedReport(path.join(runs, run, REPORT)));
  await Promise.all(files.map(removeFile));
}
