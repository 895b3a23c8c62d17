import type { CheckJob } from './check-result.ts';
import type { ProbeHow, ProbeJob } from './probe-source.ts';

/** What a thread is asked. */
export type InspectRequest =
  | { readonly ask: 'probe'; readonly jobs: readonly ProbeJob[]; readonly how: ProbeHow }
  | { readonly ask: 'check'; readonly jobs: readonly CheckJob[] };

/** What a thread answers; an error's fields one by one, because a copied error loses its code. */
export type InspectAnswer =
  | { readonly found: readonly unknown[] }
  | {
      readonly error: {
        readonly message: string;
        readonly code: string | undefined;
        readonly path: string | undefined;
        readonly stack: string | undefined;
      };
    };
