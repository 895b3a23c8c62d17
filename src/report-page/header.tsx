import { durationText } from '../report/format.ts';
import type { ReportData } from '../report/html/report-data.ts';
import { OUTCOME_NAMES, type PageOutcome, type PageTable, SHOWN_OUTCOMES } from './page-table.ts';
import { hashOf } from './route.ts';
import type { ViewProps } from './view-props.ts';
import { count, dateText } from './words.ts';

/** What the report is of, how it went, and how many pages came to which end. */
export function Header({ data, pages }: ViewProps) {
  const { report, startMs, madeMs } = data;
  const folder = report.paths?.output ?? '';
  const name = folder.slice(folder.lastIndexOf('/') + 1) || 'Report';
  const { words, tone } = stateOf(data);
  const rate = report.pagesPerMinute > 0 ? `${report.pagesPerMinute.toFixed(1)} pages/min` : undefined;
  const facts = [
    report.translator,
    report.strategy,
    report.startedAt === undefined ? undefined : dateText(startMs),
    report.startedAt === undefined ? undefined : durationText(report.seconds),
    rate,
  ].filter((fact) => fact !== undefined && fact !== '');
  return (
    <header>
      <div class="title">
        <h1 title={folder}>{name}</h1>
        <span class={`state ${tone}`}>{words}</span>
      </div>
      <p class="facts">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </p>
      {report.message !== undefined && (
        <p class="stopped" role="alert">
          {report.message}
        </p>
      )}
      {report.state === 'going' && (
        <p class="note">The run was still going when this was made, on {dateText(madeMs)}.</p>
      )}
      {(report.missingParts ?? []).length > 0 && (
        <p class="note">Nobody has begun part {(report.missingParts ?? []).join(', ')}.</p>
      )}
      <OutcomeBar pages={pages} />
    </header>
  );
}

function stateOf({ report }: ReportData): { readonly words: string; readonly tone: 'good' | 'warn' | 'bad' } {
  if (report.state === 'going') return { words: 'Running', tone: 'warn' };
  if (report.state === 'missing') return { words: 'Parts are missing', tone: 'warn' };
  if (report.state === 'killed') return { words: 'Interrupted', tone: 'bad' };
  switch (report.exitCode) {
    case 0:
      return { words: 'All pages done', tone: 'good' };
    case 1:
      return { words: 'Some pages failed', tone: 'bad' };
    case 3:
      return { words: 'Could not continue', tone: 'bad' };
    case 4:
      return { words: 'Time limit reached', tone: 'warn' };
    default:
      return { words: 'Stopped', tone: 'warn' };
  }
}

/** All pages of the output as one bar; each share leads to its pages. */
function OutcomeBar({ pages }: { readonly pages: PageTable }) {
  const counts = countsOf(pages);
  const there = SHOWN_OUTCOMES.filter((outcome) => counts[outcome] > 0);
  if (there.length === 0) return <p class="note">No page has an outcome yet.</p>;
  return (
    <>
      <div class="bar" aria-hidden="true">
        {there.map((outcome) => (
          <span key={outcome} class={outcome} style={{ flexGrow: counts[outcome] }} />
        ))}
      </div>
      <ul class="legend" aria-label="Pages by outcome">
        {there.map((outcome) => (
          <li key={outcome}>
            <a class={`outcome ${outcome}`} href={hashOf({ view: 'pages', filter: { outcome } })}>
              <i aria-hidden="true" />
              <b>{count(counts[outcome])}</b> {OUTCOME_NAMES[outcome].toLowerCase()}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function countsOf(pages: PageTable): Record<PageOutcome, number> {
  const counts = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0, left: 0 };
  for (let at = 0; at < pages.length; at += 1) counts[pages.outcome(at)] += 1;
  return counts;
}
