import { escapeControls } from '../model/escape-controls.ts';
import { gpuName } from '../model/slot.ts';
import { describeEarlierOutputs, describeOfSystem } from '../pages/sightings.ts';
import type { Paint } from '../report/colours.ts';
import { shorten } from '../report/escape.ts';
import { durationText, plural } from '../report/format.ts';
import { type TextColumn, textTable } from '../report/text-table.ts';
import { wrapWords } from '../report/text-width.ts';
import type { PlannedShard, RunPlan } from './plan-schema.ts';

const LISTED = 10;
const MESSAGE_CHARACTERS = 160;

/** Words as a shell takes them. */
type Quote = (words: readonly string[]) => string;

/** A plan for people: what is started, who gets which pages, and which pages nobody gets. No line end after the last. */
export function planText(
  plan: RunPlan,
  { paint, quote, columns }: { paint: Paint; quote: Quote; columns?: number | undefined },
): string {
  const wrap = (lines: readonly string[]): string[] => lines.map((line) => wrapWords(line, columns, 4));
  const unreadable = troubleLines(
    paint.red(`unreadable: ${plural(plan.pages.unreadable, 'page')}, they will fail`),
    {
      count: plan.pages.unreadable,
      pages: plan.unreadable.map(({ page, message }) => `${page}  ${message}`),
    },
  );
  const collisions = troubleLines(
    paint.red(`collisions: ${plural(plan.pages.collisions, 'page')}, they will fail`),
    {
      count: plan.pages.collisions,
      pages: plan.collisions.map((one) => `${one.page}  its output has the same name as that of ${one.with}`),
    },
  );
  const notices = plan.notices.map(
    ({ level, text }) => `${level === 'warn' ? paint.yellow('warning') : 'note'}  ${escapeControls(text)}`,
  );
  const blocks = [
    settingLines(plan, { paint, quote, columns }),
    wrap(pageLines(plan, paint)),
    shardTable(plan, { paint, columns }),
    wrap(unreadable),
    wrap(collisions),
    wrap(notices),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function settingLines(
  plan: RunPlan,
  { paint, quote, columns }: { paint: Paint; quote: Quote; columns: number | undefined },
): string[] {
  const { translator, firstWorker, output, strategy, part, cluster } = plan;
  const kind =
    translator.kind === 'one-shot' ? 'starts for each batch of pages' : 'stays loaded, page by page';
  const set = Object.entries(firstWorker.env).map(([name, value]) => `${name}=${quote([value])}`);
  const rows: (readonly [string, string])[] = [
    ['translator', `${translator.name}: ${kind}`],
    ['first start', quote(firstWorker.command)],
    ['with', set.join(' ')],
    ['in', firstWorker.cwd],
    ['input', plan.input.root],
    ['output', `${output.folder}${output.exists ? '' : ' (does not exist yet)'}`],
    [
      'strategy',
      `${strategy.name}: ${strategy.words}${strategy.auto === undefined ? '' : ` (auto: ${strategy.auto})`}`,
    ],
    ...(cluster
      ? [
          ['engine', `${cluster.engine}, at most ${plural(cluster.gpus, 'GPU')}`] as const,
          ...cluster.nodes.map((text, at) => [at === 0 ? 'nodes' : '', text] as const),
        ]
      : []),
    ...(part ? [['part', `${part.index} of ${part.of}`] as const] : []),
    ...plan.settings.map((text, at) => [at === 0 ? 'besides' : '', text] as const),
  ];
  return rows.map(([name, text]) => {
    const line = `${paint.dim(name.padEnd(11))}  ${escapeControls(text)}`;
    // A command is there to be copied.
    return name === 'first start' ? line : wrapWords(line, columns, 13);
  });
}

const BECAUSE: Readonly<Record<string, string>> = {
  overwrite: 'as --overwrite says',
  'not-good': 'failed or untranslated before',
  'made-by-demo': 'made by the demo',
  'other-options': 'made with other options',
  'source-changed': 'their source changed',
  'output-missing': 'their output is missing',
  'output-cut': 'their output is truncated',
};

function pageLines({ pages, todoBecause, skippedBecause, leftOut }: RunPlan, paint: Paint): string[] {
  const because = Object.entries(BECAUSE).flatMap(([reason, words]) =>
    todoBecause[reason] ? [`${todoBecause[reason]} ${words}`] : [],
  );
  const skipped = [
    [skippedBecause.adopted, 'complete in the output, in no ledger'],
    [skippedBecause.otherOptions, 'made with other options (--overwrite changed translates them again)'],
    [skippedBecause.touchedUp, 'edited by hand'],
  ] as const;
  const others = Object.entries(leftOut.others)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 4)
    .map(([suffix, count]) => (suffix === '' ? `${count} without a suffix` : `${count} .${suffix}`));
  const ofSystem = describeOfSystem(Object.entries(leftOut.ofSystem));
  const outputs = describeEarlierOutputs(leftOut.earlierOutputs);
  const besides = [
    ...(leftOut.filtered > 0 ? [`${leftOut.filtered} excluded by --include or --exclude`] : []),
    ...(leftOut.hidden > 0 ? [`${leftOut.hidden} hidden`] : []),
    ...(ofSystem === undefined ? [] : [ofSystem]),
    ...(outputs === undefined ? [] : [outputs]),
    ...(leftOut.deadLinks.length > 0 ? [`${plural(leftOut.deadLinks.length, 'dead link')}`] : []),
    ...(others.length > 0 ? [`not images: ${others.join(', ')}`] : []),
  ];
  const reasons = skipped.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return [
    paint.bold(`${plural(pages.found, 'page')}, ${pages.todo} to do`),
    ...(because.length > 0 ? [`  to do again: ${because.join(', ')}`] : []),
    ...(pages.skipped > 0
      ? [
          `  skipped: ${pages.skipped} done before${reasons.length > 0 ? `; of these ${reasons.join(', ')}` : ''}`,
        ]
      : []),
    ...(pages.recovered > 0
      ? [`  recovered: ${pages.recovered} complete in the work folder of a killed run`]
      : []),
    ...(besides.length > 0 ? [paint.dim(`  left out: ${besides.join('; ')}`)] : []),
  ];
}

function shardTable(
  { shards, seconds, measured, strategy, ...plan }: RunPlan,
  { paint, columns: width }: { paint: Paint; columns: number | undefined },
): string[] {
  if (shards.length === 0) return [];
  const columns: TextColumn<PlannedShard>[] = [
    { head: 'slot', cell: ({ slot }) => slot, side: 'left', least: 12 },
    {
      head: 'GPU',
      cell: ({ gpu, gpuName: name }) => [gpuName(gpu), name].filter(Boolean).join('  '),
      side: 'left',
      least: 12,
    },
    { head: 'pages', cell: ({ pages }) => `${pages}` },
    {
      head: 'megapixels',
      cell: ({ pages, pixels }) => (pages > 0 && pixels === 0 ? '–' : (pixels / 1e6).toFixed(1)),
    },
  ];
  if (seconds !== undefined)
    columns.push({ head: 'time', cell: (shard) => durationText(shard.seconds ?? 0) });
  const { head, lines } = textTable(shards, columns, width);
  return [
    paint.dim(head),
    ...lines,
    ...(strategy.fixed
      ? []
      : [paint.dim('each slot takes the next pages as soon as it is free: these shares are predictions')]),
    ...(seconds === undefined || measured === undefined ? [] : timeLines({ ...plan, seconds, measured })),
  ];
}

function timeLines({
  seconds,
  measured: { pages, otherOptions },
  withoutLoads,
  pagesInTime,
  pages: { todo },
}: Pick<RunPlan, 'withoutLoads' | 'pagesInTime' | 'pages'> & {
  readonly seconds: number;
  readonly measured: NonNullable<RunPlan['measured']>;
}): string[] {
  const basis = `by ${plural(pages, 'page')} of earlier runs${otherOptions ? ' with other options' : ''}`;
  const loads = withoutLoads ? 'plus loading models' : 'with loading models';
  return [
    `about ${durationText(seconds)} in all, ${loads} (${basis})`,
    ...(pagesInTime === undefined || pagesInTime >= todo
      ? []
      : [`--max-time leaves time for about ${pagesInTime} of ${plural(todo, 'page')}`]),
  ];
}

function troubleLines(
  title: string,
  { count, pages }: { count: number; pages: readonly string[] },
): string[] {
  if (count === 0) return [];
  const shown = pages
    .slice(0, LISTED)
    .map((line) => `  ${shorten(escapeControls(line), MESSAGE_CHARACTERS)}`);
  return [
    title,
    ...shown,
    ...(count > shown.length ? [`  … and ${count - shown.length} more (--json has them)`] : []),
  ];
}
