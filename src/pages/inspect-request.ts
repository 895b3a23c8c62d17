import type { ExamineJob } from './examine.ts';
import type { InspectHow, InspectJob } from './inspect.ts';

/** What a thread is asked. */
export type InspectRequest =
  | { readonly ask: 'inspect'; readonly jobs: readonly InspectJob[]; readonly how: InspectHow }
  | { readonly ask: 'examine'; readonly jobs: readonly ExamineJob[] };

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
