import { escapeControls } from '../model/escape-controls.ts';
import { gpuName } from '../model/slot.ts';
import { partOfRun } from '../store/runs.ts';
import type { Paint } from './colours.ts';
import { shorten } from './escape.ts';
import { retiredText } from './event-line.ts';
import { folderLines } from './folder-lines.ts';
import { durationText, plural, timeLeftText } from './format.ts';
import { gpuTable } from './gpu-table.ts';
import { hintFor } from './hints.ts';
import { packingLines } from './packing-lines.ts';
import type { RunSummary, TroubledPage } from './summary-schema.ts';
import { wrapWords } from './text-width.ts';

const LISTED = 10;
/** Nothing went wrong with these pages. */
const LISTED_NOTES = 3;
const MESSAGE_CHARACTERS = 160;

/** `parts`: it is of several parts together. */
type ShownSummary = RunSummary & { readonly parts?: readonly unknown[] | undefined };

/**
 * The summary for people: totals, a line a GPU, what went wrong and what to do about it. Lines without an end of the last; the
 * table and lists are no wider than `columns`.
 */
export function summaryText(summary: ShownSummary, paint: Paint, columns?: number): string {
  const blocks = [
    headline(summary, { paint, columns }),
    ...gpuBlocks(summary, { paint, columns }),
    packingLines(summary),
    benchedLines(summary, paint),
    ...summary.failures.map((group) =>
      troubleLines({
        title: paint.red(`failed, ${group.reason}: ${plural(group.count, 'page')}`),
        ...group,
        hint: hintFor(group.reason, group.pages, summary.paths?.output),
        output: summary.paths?.output,
        columns,
      }),
    ),
    troubleLines({
      title: paint.yellow(`untranslated: ${plural(summary.untranslated.count, 'page')}`),
      ...summary.untranslated,
      hint: 'their text was found but not translated; their outputs are kept, and the next run tries them again',
      output: summary.paths?.output,
      columns,
    }),
    originalsLines(summary, { paint, columns }),
    unchangedLines(summary, { paint, columns }),
    notesLines(summary, columns),
    footer(summary, paint),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline(
  summary: ShownSummary,
  { paint, columns }: { paint: Paint; columns: number | undefined },
): string[] {
  const {
    counts,
    seconds,
    pagesPerMinute,
    finished,
    message,
    secondsLeft,
    later = 0,
    recovered = 0,
    rest,
    cost,
  } = summary;
  const done = counts.translated + counts['no-text'] + counts.untranslated + counts.failed;
  const rate = pagesPerMinute > 0 ? `, ${pagesPerMinute.toFixed(1)} pages/min` : '';
  const left =
    !finished && secondsLeft !== undefined && secondsLeft > 0 ? `, ${timeLeftText(secondsLeft)}` : '';
  const state = finished ? '' : ' so far';
  const expected = finished && counts.left === 0 ? forecastText(summary) : '';
  const parts = [
    [counts.translated, paint.green(`${counts.translated} translated`)],
    [counts['no-text'], `${counts['no-text']} without text`],
    [counts.untranslated, paint.yellow(`${counts.untranslated} untranslated`)],
    [counts.failed, paint.red(`${counts.failed} failed`)],
    [counts.left, paint.yellow(`${counts.left} left`)],
    [counts.skipped, `${counts.skipped} done before`],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([, text]) => text);
  const why = message === undefined ? [] : message.split('\n').map((line) => paint.red(escapeControls(line)));
  return [
    `${paint.bold(`${plural(done, 'page')} in ${durationText(seconds)}`)}${state}${expected}${rate}${left}`,
    ...(shown.length > 0 ? [shown.join(', ')] : []),
    ...(recovered > 0 ? [`${plural(recovered, 'page')} of these taken over from an earlier run`] : []),
    ...(cost === undefined ? [] : [`cost ${costText(cost)}, as the workers report it`]),
    ...(rest
      ? [
          `${rest.pages} more ${rest.pages === 1 ? 'is' : 'are'} to do: about ${durationText(rest.seconds)} (run the same command without --sample)`,
        ]
      : []),
    ...(later > 0 && !rest
      ? [`${later} more ${later === 1 ? 'is' : 'are'} to do: run the same command again for the next`]
      : []),
    ...folderLines(summary, {
      ofPart: summary.parts === undefined && partOfRun(summary.run) !== undefined,
      columns,
    }),
    ...why,
  ];
}

/** One table; on a cluster one for each machine, under its name. */
function gpuBlocks(
  { gpus, nodes }: ShownSummary,
  { paint, columns }: { paint: Paint; columns: number | undefined },
): string[][] {
  const isWorth = gpus.some(({ loads }) => loads > 0);
  if (!nodes) return isWorth ? [gpuTable(gpus, { paint, columns })] : [];
  return nodes.map(({ node, address, host, gpus: all, left }) => {
    const own = gpus.filter((gpu) => gpu.node === node && gpu.loads > 0);
    const held = own.length === all ? plural(all, 'GPU') : `${own.length} of ${plural(all, 'GPU')} used`;
    const what = `${escapeControls(node)}  ${escapeControls(address)}  ${escapeControls(host)}, ${held}`;
    const gone = left === undefined ? '' : `, ${paint.red(`left: ${brief(left)}`)}`;
    return [
      `${paint.bold(wrapWords(what, columns, 4))}${gone}`,
      ...(own.length > 0 ? gpuTable(own, { paint, columns }) : []),
    ];
  });
}

const forecastText = ({ forecastSeconds }: RunSummary): string =>
  forecastSeconds === undefined ? '' : ` (forecast ${durationText(forecastSeconds)})`;

/** Four digits, as `0.0312` and `12.35`. */
const costText = (cost: number): string =>
  cost >= 1000 ? `${Math.round(cost)}` : `${Number(cost.toPrecision(4))}`;

const benchedLines = ({ benched, retired = [] }: RunSummary, paint: Paint): string[] => [
  ...benched.map(({ gpu, reason }) => `${paint.red(`${gpuName(gpu)} disabled`)}: ${brief(reason)}`),
  ...retired.map(({ slot, why }) => retiredText(slot, why, paint)),
];

interface Trouble {
  readonly title: string;
  readonly count: number;
  readonly pages: readonly TroubledPage[];
  readonly hint: string | undefined;
  readonly output: string | undefined;
  readonly columns: number | undefined;
}

function troubleLines({ title, count, pages, hint, output, columns }: Trouble): string[] {
  if (count === 0) return [];
  const shown = pages.slice(0, LISTED).map(({ page, message, attempts }) => {
    const tries = attempts > 1 ? ` (${attempts} attempts)` : '';
    const line = `  ${escapeControls(page)}${message ? `  ${brief(message)}` : ''}${tries}`;
    return wrapWords(line, columns, 4);
  });
  const rest = count - shown.length;
  const where = output === undefined ? '' : `: mgpu-translate report ${quoted(output)}`;
  return [
    title,
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more${where}`] : []),
    ...(hint === undefined ? [] : [wrapWords(`  → ${hint}`, columns, 4)]),
  ];
}

function originalsLines(
  { originalsInPlace = 0 }: RunSummary,
  { paint, columns }: { paint: Paint; columns: number | undefined },
): string[] {
  if (originalsInPlace === 0) return [];
  return [
    paint.yellow(`originals in the output: ${plural(originalsInPlace, 'failed page')}, not translated`),
    wrapWords('  → put there by --on-failed copy; the next run tries these pages again', columns, 4),
  ];
}

function unchangedLines(
  { unchanged, paths, translator }: RunSummary,
  { paint, columns }: { paint: Paint; columns: number | undefined },
): string[] {
  if (unchanged === 0) return [];
  const why =
    translator === 'demo'
      ? 'expected: the demo stamps PNG pages, and copies all others'
      : 'expected for a page without text; otherwise the translator may have saved the original after a failure';
  return [
    paint.yellow(`unchanged: ${plural(unchanged, 'output')} equal to the original, byte for byte`),
    wrapWords(`  → ${why}`, columns, 4),
    ...(paths ? [`  → which pages: mgpu-translate report ${quoted(paths.output)} --format csv`] : []),
  ];
}

function notesLines({ notes, paths }: RunSummary, columns: number | undefined): string[] {
  if (notes === undefined) return [];
  const shown = notes.pages.slice(0, LISTED_NOTES);
  const rest = notes.count - shown.length;
  return [
    `notes of the translator: ${plural(notes.count, 'page')}`,
    ...shown.map(({ page, notes }) =>
      wrapWords(`  ${escapeControls(page)}  ${brief(notes.join('; '))}`, columns, 4),
    ),
    ...(rest > 0
      ? [`  … and ${rest} more${paths ? `: mgpu-translate report ${quoted(paths.output)} --format csv` : ''}`]
      : []),
  ];
}

/** A shorter wait is nobody's trouble where no page was copied ahead. */
const LEAST_WAIT_SECONDS = 1;

function inputLine({ input }: RunSummary): string[] {
  const { stagedPages = 0, waitSeconds } = input ?? {};
  const copied = `${plural(stagedPages, 'page')} copied ahead of the workers`;
  const waited = waitSeconds !== undefined && `waited ${durationText(waitSeconds)} for input`;
  if (stagedPages > 0) return [`input    ${copied}${waited ? `, which ${waited}` : ''}`];
  return waited && waitSeconds >= LEAST_WAIT_SECONDS ? [`input    workers ${waited}`] : [];
}

function footer(summary: RunSummary, paint: Paint): string[] {
  const { paths, html, htmlTrouble, continueCommand, saving } = summary;
  const saved =
    saving && `\`--strategy ${saving.strategy}\` would have saved about ${durationText(saving.seconds)}`;
  return [
    ...(paths ? [`output   ${escapeControls(paths.output)}`, `logs     ${escapeControls(paths.logs)}`] : []),
    ...(html === undefined ? [] : [`report   ${escapeControls(html)}`]),
    ...(htmlTrouble === undefined
      ? []
      : [`report   ${paint.yellow(`no HTML report: ${brief(htmlTrouble)}`)}`]),
    ...inputLine(summary),
    ...(continueCommand === undefined ? [] : [`resume   ${paint.cyan(escapeControls(continueCommand))}`]),
    ...(saved === undefined ? [] : [`faster   ${saved}`]),
  ];
}

const brief = (text: string): string => shorten(escapeControls(text.trim()), MESSAGE_CHARACTERS);

/** A path as a POSIX shell takes it; one with control characters as `$'…'`, which bash and zsh take. */
function quoted(path: string): string {
  if (/^[\w./:@%+=,~-]+$/.test(path) && !path.startsWith('-')) return path;
  const escaped = escapeControls(path);
  if (escaped === path) return `'${path.replaceAll("'", "'\\''")}'`;
  return `$'${escapeControls(path.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
}
