import { count, table } from '../../bench/table.ts';
import type { FuzzResult, Tally } from './run-fuzz.ts';
import type { FuzzKind } from './target.ts';

/** A line a kind of input, all seeds together. */
export function fuzzTable(results: readonly FuzzResult[]): string {
  const kinds = new Map<FuzzKind, Tally[]>();
  for (const { tallies } of results)
    for (const [kind, tally] of tallies) kinds.set(kind, [...(kinds.get(kind) ?? []), tally]);
  const rows = [...kinds].map(([kind, tallies]) => [kind, ...figuresOf(tallies)]);
  return table(
    ['inputs', 'number', 'threw', 'took over 50 ms', 'retained', 'CPU, ms each'],
    [...rows, ['**all**', ...figuresOf([...kinds.values()].flat())]],
  );
}

function figuresOf(tallies: readonly Tally[]): string[] {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((all, one) => all + of(one), 0);
  const inputs = sum((tally) => tally.inputs);
  return [
    count(inputs),
    count(sum(({ throws }) => throws)),
    count(sum(({ slow }) => slow)),
    count(sum(({ growth }) => growth)),
    (sum(({ cpuMs }) => cpuMs) / Math.max(1, inputs)).toFixed(2),
  ];
}
