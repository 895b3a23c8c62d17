import { escapeControls } from '../model/escape-controls.ts';
import type { Paint } from './colours.ts';
import { durationText, plural, timeLeftText } from './format.ts';
import type { PartReport, RunReport } from './report-schema.ts';
import { summaryText } from './summary-text.ts';
import { wrapWords } from './text-width.ts';

/** A report for people: how the last run stands, its summary, the parts, and what the ledger says of all pages. */
export function reportText(report: RunReport, paint: Paint, columns?: number): string {
  const { gpus, ...summary } = report;
  const named = gpus.map(({ part, ...gpu }) =>
    part === undefined ? gpu : { ...gpu, name: `${gpu.name ?? ''} part ${part}`.trim() },
  );
  const blocks = [
    [stateLine(report, paint), lastAtWorkLine(report)]
      .filter((line) => line !== '')
      .map((line) => wrapWords(line, columns, 2))
      .join('\n'),
    ...(report.run === '' ? [] : [summaryText({ ...summary, gpus: named }, paint, columns)]),
    (report.parts ?? []).map((part) => wrapWords(partLine(part, paint), columns, 4)).join('\n'),
    wrapWords(ledgerLine(report), columns, 2),
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

function stateLine({ run, state, holder, exitCode, startedAt, parts }: RunReport, paint: Paint): string {
  const name = paint.bold(parts ? plural(parts.length, 'part') : run === '' ? 'no run' : `run ${run}`);
  const started = startedAt === undefined ? '' : `, started ${startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  switch (state) {
    case 'finished':
      return `${name}: ${paint.green('finished')}${started}, exit code ${exitCode ?? 'unknown'}`;
    case 'going':
      return `${name}: ${paint.cyan('still running')}${holder && !parts ? ` (${holderText(holder)})` : ''}${started}`;
    case 'killed':
      return run === ''
        ? `${name}: its records are gone`
        : `${name}: ${paint.red('interrupted')}${started}: it was killed, or the machine went down. Run the same command to resume.`;
    case 'missing':
      return `${name}: ${paint.yellow('not all were started')}${started.replace('started', 'the first')}`;
  }
}

/** What was done before a run that had nothing to do. */
function lastAtWorkLine({ lastAtWork }: RunReport): string {
  if (!lastAtWork) return '';
  const { run, counts, seconds, exitCode } = lastAtWork;
  const done = countsText(counts);
  const end = exitCode === null ? 'interrupted' : `exit code ${exitCode}`;
  return `it had nothing to do; the last run that had: ${run}, ${done} in ${durationText(seconds)}, ${end}`;
}

function countsText({
  translated,
  untranslated,
  failed,
  left,
  'no-text': noText,
}: RunReport['counts']): string {
  const parts = [
    [translated, 'translated'],
    [noText, 'without text'],
    [untranslated, 'untranslated'],
    [failed, 'failed'],
    [left, 'left'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

const holderText = ({ host, pid }: NonNullable<RunReport['holder']>): string =>
  `process ${pid} on ${escapeControls(host)}`;

function partLine({ index, of, state, holder, summary }: PartReport, paint: Paint): string {
  const name = `part ${index}/${of}`;
  if (state === 'missing')
    return `${name}  ${paint.yellow('missing')}: never started (--part ${index}/${of})`;
  const counts = summary?.counts;
  const done = counts ? counts.translated + counts['no-text'] + counts.untranslated + counts.failed : 0;
  const figures = counts
    ? [
        plural(done, 'page'),
        ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
        ...(counts.skipped > 0 ? [`${counts.skipped} done before`] : []),
        ...(counts.left > 0 ? [`${counts.left} left`] : []),
      ].join(', ')
    : 'its records are gone';
  const took = summary ? ` in ${durationText(summary.seconds)}` : '';
  if (state === 'finished')
    return `${name}  finished: ${figures}${took}, exit code ${summary?.exitCode ?? '?'}`;
  if (state === 'killed')
    return `${name}  ${paint.red('interrupted')}: ${figures}${took}; start it again (--part ${index}/${of})`;
  const left = summary?.secondsLeft ? `, ${timeLeftText(summary.secondsLeft)}` : '';
  return `${name}  ${paint.cyan('still running')}: ${figures}${left}${holder ? ` (${holderText(holder)})` : ''}`;
}

function ledgerLine({ ledger }: RunReport): string {
  const { translated, untranslated, failed, 'no-text': noText } = ledger.outcomes;
  const figures = [
    `${translated} translated`,
    ...(ledger.adopted > 0 ? [`${ledger.adopted} of them found in the output`] : []),
    ...(noText > 0 ? [`${noText} without text`] : []),
    ...(untranslated > 0 ? [`${untranslated} untranslated`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  const broken = ledger.broken > 0 ? `; ${plural(ledger.broken, 'line')} can't be read` : '';
  return `all runs: ${plural(ledger.pages, 'page')} in the ledger, ${figures.join(', ')}${broken}`;
}
