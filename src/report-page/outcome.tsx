import { OUTCOME_NAMES, type PageOutcome } from './page-table.ts';

/** A dot in the outcome's colour, and its name: nobody has to tell colours apart. */
export function Outcome({ outcome }: { readonly outcome: PageOutcome }) {
  return (
    <span class={`outcome ${outcome}`}>
      <i aria-hidden="true" />
      {OUTCOME_NAMES[outcome]}
    </span>
  );
}
