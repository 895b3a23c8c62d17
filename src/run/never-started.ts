import { errorMessage } from '../model/error-code.ts';
import type { RunEvent, RunFinished } from '../model/events.ts';
import { Refusal } from '../model/refusal.ts';
import { steadyTime } from '../model/steady-clock.ts';
import { SummaryBuilder } from '../report/summary.ts';
import type { RunSummary } from '../report/summary-schema.ts';

/** Nobody has counted any. */
export const NO_PAGES = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0, skipped: 0, left: 0 };

/** The end of a run that never started: its only event, which nobody was told of yet, and its summary. */
export function neverStarted(end: Pick<RunFinished, 'seconds' | 'exitCode' | 'message' | 'hint'>): {
  readonly event: RunEvent;
  readonly summary: RunSummary;
} {
  const event: RunEvent = {
    type: 'run-finished',
    time: steadyTime(),
    counts: NO_PAGES,
    ...end,
    seconds: Math.round(end.seconds * 1000) / 1000,
    gpus: [],
  };
  const summary = new SummaryBuilder();
  summary.add(event);
  return { event, summary: summary.summary() };
}

/** Why a run never started, as its end tells it. */
export function whyNotStarted(error: unknown): Pick<RunFinished, 'message' | 'hint'> {
  if (!(error instanceof Refusal)) return { message: errorMessage(error) };
  const { lines, hint } = error;
  return { message: lines.join('\n'), ...(hint !== undefined && { hint }) };
}
