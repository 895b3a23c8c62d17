import type { PageFilter } from './page-filter.ts';
import { OUTCOME_NAMES, type PageOutcome } from './page-table.ts';

export const VIEWS = ['overview', 'pages', 'folders', 'timeline', 'run'] as const;
export type View = (typeof VIEWS)[number];

/** What the page shows: all of it is in the address, so that a reload and the back button work. */
export interface Route {
  readonly view: View;
  readonly filter: PageFilter;
  /** Id of the page whose images are shown. */
  readonly page?: string;
}

const MARKS = ['unchanged', 'notes', 'earlier', 'now'] as const;
const SORTS = ['slowest', 'latest'] as const;

/** Reads the part of an address after `#`; what makes no sense is passed over. */
export function readRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''));
  const params = new URLSearchParams(query);
  const text = (name: string): string | undefined => params.get(name) ?? undefined;
  const outcome = text('outcome');
  const slot = text('slot');
  const search = text('q');
  const reason = text('reason');
  const folder = text('folder');
  const page = text('page');
  const mark = MARKS.find((each) => each === text('mark'));
  const sort = SORTS.find((each) => each === text('sort'));
  return {
    view: VIEWS.find((each) => each === path) ?? 'overview',
    filter: {
      ...(search !== undefined && { search }),
      ...(outcome !== undefined && isOutcome(outcome) && { outcome }),
      ...(reason !== undefined && { reason }),
      ...(folder !== undefined && { folder }),
      ...(slot !== undefined && /^\d{1,6}$/.test(slot) && { slot: Number(slot) }),
      ...(mark !== undefined && { mark }),
      ...(sort !== undefined && { sort }),
    },
    ...(page !== undefined && { page }),
  };
}

/** The address of a route, with `#` in front. */
export function hashOf({ view, filter, page }: Route): string {
  const params = new URLSearchParams();
  const { search, slot, ...others } = filter;
  if (search) params.set('q', search);
  for (const [name, value] of Object.entries(others)) params.set(name, value);
  if (slot !== undefined) params.set('slot', String(slot));
  if (page !== undefined) params.set('page', page);
  const query = params.toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

const isOutcome = (text: string): text is PageOutcome => Object.hasOwn(OUTCOME_NAMES, text);

function split(text: string): [before: string, after: string] {
  const at = text.indexOf('?');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
