import type { PageFinished } from '../model/events.ts';
import type { Outcome } from '../model/outcome.ts';

/** A page as a list of all pages has it: with its last outcome, or `left` where it has none yet. */
export interface ReportedPage extends Omit<PageFinished, 'type' | 'outcome'> {
  readonly outcome: Outcome | 'left';
}
