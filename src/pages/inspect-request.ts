import type { CheckJob, ResultCheck } from './check-result.ts';
import type { ProbeHow, ProbeJob, SourceProbe } from './probe-source.ts';
import type { OutputLook, VerifyJob } from './verify.ts';

/** What a thread is asked: what pages are before a worker sees them … */
export interface ProbeRequest {
  readonly ask: 'probe';
  readonly jobs: readonly ProbeJob[];
  readonly how: ProbeHow;
}

/** … what became of them after one had them … */
export interface CheckRequest {
  readonly ask: 'check';
  readonly jobs: readonly CheckJob[];
}

/** … or whether images are whole: outputs at these paths, or entries of archives. */
export interface VerifyRequest {
  readonly ask: 'verify';
  readonly jobs: readonly VerifyJob[];
}

export type InspectRequest = ProbeRequest | CheckRequest | VerifyRequest;

/** What a thread answers, in the order of the jobs; an error's fields one by one, because a copied error loses its code. */
export type InspectAnswer =
  | { readonly to: 'probe'; readonly found: readonly SourceProbe[] }
  | { readonly to: 'check'; readonly found: readonly ResultCheck[] }
  | { readonly to: 'verify'; readonly found: readonly OutputLook[] }
  | { readonly to: 'nothing'; readonly error: ErrorFields };

/** What is known of an error that a thread met. */
export interface ErrorFields {
  readonly message: string;
  readonly code: string | undefined;
  readonly path: string | undefined;
  readonly syscall: string | undefined;
  readonly stack: string | undefined;
}
