import type { Page } from '../../model/page.ts';
import { Refusal } from '../../model/refusal.ts';

const SHOWN_PAGES = 10;

/** The run's end where it looks like a translator writes over its input: nothing may go on for another moment. */
export class OriginalsAtRisk extends Refusal {
  /** @param others further pages whose originals have changed */
  constructor({ path }: Page, others: readonly Page[]) {
    const more = others.length - SHOWN_PAGES;
    const andOthers = others.length === 0 ? '' : `, and so did ${others.length} more`;
    super(
      3,
      `${path} changed while it was translated${andOthers}: the translator seems to overwrite its input`,
      `restore ${others.length === 0 ? 'that page' : 'these pages'}, then run again with --link copy: the translator gets copies`,
      [...others.slice(0, SHOWN_PAGES).map((page) => page.path), ...(more > 0 ? [`and ${more} more`] : [])],
    );
  }
}
