/** What became of a page. The first two are good; `untranslated` keeps its output and is tried again by the next run. */
export const OUTCOMES = ['translated', 'no-text', 'untranslated', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Why a page failed. `not-tried`: no usable slot was left for it. */
export const FAILURE_REASONS = [
  'oom',
  'timeout',
  'crash',
  'unreadable',
  'no-output',
  'bad-output',
  'error',
  'collision',
  'not-tried',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Why a try came to nothing. `busy`: the service refused for now; the page comes again, and never fails for that reason. */
export const RETRY_REASONS = [...FAILURE_REASONS, 'busy'] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

/** True for the outcomes that need no other try. */
export const isGood = (outcome: Outcome): boolean => outcome === 'translated' || outcome === 'no-text';
