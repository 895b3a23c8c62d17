import { escapeControls } from '../model/escape-controls.ts';
import { gpuName } from '../model/slot.ts';
import type { Paint } from './colours.ts';
import type { GpuSummary } from './summary-schema.ts';
import { padText, textWidth } from './text-width.ts';

interface Column {
  readonly head: string;
  readonly cell: (gpu: GpuSummary) => string;
  readonly side?: 'left';
  /** Left out where no GPU has anything to say in it. */
  readonly when?: (gpu: GpuSummary) => boolean;
}

const COLUMNS: readonly Column[] = [
  { head: 'GPU', cell: ({ gpu, name }) => [gpuName(gpu), name].filter(Boolean).join('  '), side: 'left' },
  { head: 'pages', cell: ({ pages }) => `${pages}` },
  { head: 'translated', cell: ({ outcomes }) => `${outcomes.translated}` },
  {
    head: 'no text',
    cell: ({ outcomes }) => `${outcomes['no-text']}`,
    when: ({ outcomes }) => outcomes['no-text'] > 0,
  },
  {
    head: 'untranslated',
    cell: ({ outcomes }) => `${outcomes.untranslated}`,
    when: ({ outcomes }) => outcomes.untranslated > 0,
  },
  {
    head: 'failed',
    cell: ({ outcomes }) => `${outcomes.failed}`,
    when: ({ outcomes }) => outcomes.failed > 0,
  },
  { head: 's/page', cell: ({ secondsPerPage }) => secondsPerPage?.toFixed(2) ?? '–' },
  { head: 'busy', cell: ({ busyShare }) => `${Math.round(busyShare * 100)} %` },
  { head: 'loads', cell: ({ loads }) => `${loads}` },
  { head: 's/load', cell: ({ secondsPerLoad }) => secondsPerLoad?.toFixed(1) ?? '–' },
  { head: 'exit codes', cell: ({ exits }) => exitsText(exits), side: 'left' },
];

/** A row a GPU under a head; columns in which nothing happened are left out. */
export function gpuTable(gpus: readonly GpuSummary[], paint: Paint): string[] {
  const columns = COLUMNS.filter(({ when }) => when === undefined || gpus.some(when));
  const widths = columns.map(({ head, cell }) =>
    Math.max(textWidth(head), ...gpus.map((gpu) => textWidth(escapeControls(cell(gpu))))),
  );
  const row = (text: (column: Column) => string): string =>
    columns
      .map((column, index) =>
        padText(escapeControls(text(column)), widths[index] ?? 0, column.side ?? 'right'),
      )
      .join('  ')
      .trimEnd();
  return [paint.dim(row(({ head }) => head)), ...gpus.map((gpu) => row(({ cell }) => cell(gpu)))];
}

/** `0 ×2, SIGKILL ×1`: exit codes and signals with how many workers ended so. */
const exitsText = (exits: Readonly<Record<string, number>>): string =>
  Object.entries(exits)
    .map(([end, count]) => `${end} ×${count}`)
    .join(', ');
