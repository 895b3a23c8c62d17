export type { TranslateOptions } from './library/translate-options.ts';
export { type TranslateDeps, type Translation, translatePages } from './library/translation.ts';
export type {
  Counts,
  GpuTotals,
  LogLevel,
  PageFinished,
  RunEvent,
  RunFinished,
  RunStarted,
  WorkerExited,
} from './model/events.ts';
export {
  FAILURE_REASONS,
  type FailureReason,
  isGood,
  OUTCOMES,
  type Outcome,
  RETRY_REASONS,
  type RetryReason,
} from './model/outcome.ts';
export { Refusal } from './model/refusal.ts';
export type { GpuSummary, RunSummary, TroubledPage } from './report/run-summary.ts';
