import { partOfRun } from '../../store/runs.ts';
import type { RunReport } from '../report-schema.ts';
import type { RunSummary } from '../run-summary.ts';

/**
 * What was told of a run; where that had nothing to do, with the last one before it that had. `runs`: all there are, the oldest
 * first.
 */
export async function withLastAtWork<Told extends RunSummary>(
  told: Told,
  runs: readonly string[],
  summaryOf: (run: string) => Promise<RunSummary | undefined>,
): Promise<Told & Pick<RunReport, 'lastAtWork'>> {
  if (!told.finished || hadWork(told)) return told;
  for (const run of runs.filter((each) => each < told.run && partOfRun(each) === undefined).reverse()) {
    const summary = await summaryOf(run);
    if (!summary || !hadWork(summary)) continue;
    const { startedAt, seconds, counts, exitCode } = summary;
    return { ...told, lastAtWork: { run, startedAt, seconds, counts, exitCode } };
  }
  return told;
}

const hadWork = ({ counts: { skipped: _skipped, ...others }, message }: RunSummary): boolean =>
  message !== undefined || Object.values(others).some((count) => count > 0);
