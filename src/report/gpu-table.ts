import { gpuName } from '../model/slot.ts';
import type { Paint } from './colours.ts';
import type { GpuSummary } from './summary-schema.ts';
import { type TextColumn, textTable } from './text-table.ts';

interface Column extends TextColumn<GpuSummary> {
  /** Left out where no GPU has anything to say in it. */
  readonly when?: (gpu: GpuSummary) => boolean;
}

const outcome = (head: string, key: keyof GpuSummary['outcomes']): Column => ({
  head,
  cell: ({ outcomes }) => `${outcomes[key]}`,
  mayMove: true,
});

const COLUMNS: readonly Column[] = [
  {
    head: 'GPU',
    cell: ({ gpu, name }) => [gpuName(gpu), name].filter(Boolean).join('  '),
    side: 'left',
    least: 20,
  },
  { head: 'pages', cell: ({ pages }) => `${pages}` },
  outcome('translated', 'translated'),
  { ...outcome('no text', 'no-text'), when: ({ outcomes }) => outcomes['no-text'] > 0 },
  { ...outcome('untranslated', 'untranslated'), when: ({ outcomes }) => outcomes.untranslated > 0 },
  { ...outcome('failed', 'failed'), when: ({ outcomes }) => outcomes.failed > 0 },
  { head: 's/page', cell: ({ secondsPerPage }) => secondsPerPage?.toFixed(2) ?? '–', mayMove: true },
  { head: 'busy', cell: ({ busyShare }) => `${Math.round(busyShare * 100)} %`, mayMove: true },
  { head: 'loads', cell: ({ loads }) => `${loads}`, mayMove: true },
  { head: 's/load', cell: ({ secondsPerLoad }) => secondsPerLoad?.toFixed(1) ?? '–', mayMove: true },
  { head: 'exit codes', cell: ({ exits }) => exitsText(exits), side: 'left', mayMove: true },
];

/** A row a GPU under a head; columns in which nothing happened are left out. No line is wider than `columns`. */
export function gpuTable(
  gpus: readonly GpuSummary[],
  { paint, columns }: { paint: Paint; columns?: number | undefined },
): string[] {
  const shown = COLUMNS.filter(({ when }) => when === undefined || gpus.some(when));
  const { head, lines } = textTable(gpus, shown, columns);
  return [paint.dim(head), ...lines];
}

/** `0 ×2, SIGKILL ×1`: exit codes and signals with how many workers ended so. */
const exitsText = (exits: Readonly<Record<string, number>>): string =>
  Object.entries(exits)
    .map(([end, count]) => `${end} ×${count}`)
    .join(', ');
