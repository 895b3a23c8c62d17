import { useMemo } from 'preact/hooks';
import { type FailureGroup, groupTrouble } from './failures.ts';
import type { PageTable } from './page-table.ts';
import { hashOf } from './route.ts';
import type { ViewProps } from './view-props.ts';
import { pagesText } from './words.ts';

const SHOWN_MESSAGES = 12;
const SHOWN_PAGES = 8;

/** Reasons in words. */
const REASONS: Readonly<Record<string, string>> = {
  oom: 'Out of memory',
  timeout: 'Timed out',
  crash: 'The worker crashed',
  unreadable: 'Not readable',
  'no-output': 'No output',
  'bad-output': 'Incomplete output',
  error: 'Error of the translator',
  collision: 'Two pages with one output',
  'not-tried': 'Not tried',
};

export const reasonText = (reason: string): string => REASONS[reason] ?? (reason || 'No reason given');

/** Failed and untranslated pages by reason, with what was said of them and their log. */
export function Troubles({ data, pages }: ViewProps) {
  const failed = useMemo(() => groupTrouble(pages, 'failed'), [pages]);
  const untranslated = useMemo(() => groupTrouble(pages, 'untranslated'), [pages]);
  const { benched, retired = [] } = data.report;
  return (
    <>
      {benched.length + retired.length > 0 && (
        <section>
          <h2>Taken out of the run</h2>
          <ul class="facts-list">
            {benched.map(({ gpu, reason }) => (
              <li key={`${gpu} ${reason}`}>
                <b>{gpu === null ? 'The CPU' : `GPU ${gpu}`}</b> {reason}
              </li>
            ))}
            {retired.map(({ slot, why }) => (
              <li key={slot}>
                <b>{slot}</b> {why}
              </li>
            ))}
          </ul>
        </section>
      )}
      {failed.length > 0 && (
        <section class="troubles">
          <h2>Failures</h2>
          {failed.map((group) => (
            <Group
              key={group.reason}
              group={group}
              pages={pages}
              outcome="failed"
              hint={data.hints[group.reason]}
            />
          ))}
        </section>
      )}
      {untranslated.length > 0 && (
        <section class="troubles">
          <h2>Untranslated</h2>
          {untranslated.map((group) => (
            <Group
              key={group.reason}
              group={group}
              pages={pages}
              outcome="untranslated"
              hint="Their text was found but not translated. Their outputs are kept, and the next run tries them again."
            />
          ))}
        </section>
      )}
    </>
  );
}

interface GroupProps {
  readonly group: FailureGroup;
  readonly pages: PageTable;
  readonly outcome: 'failed' | 'untranslated';
  readonly hint: string | undefined;
}

function Group({ group: { reason, count, messages }, pages, outcome, hint }: GroupProps) {
  const filter = { outcome, ...(reason !== '' && { reason }) } as const;
  return (
    <article class={`group ${outcome}`}>
      <h3>
        {outcome === 'failed' || reason !== '' ? reasonText(reason) : 'Text found, nothing translated'}
        <a class="number" href={hashOf({ view: 'pages', filter })}>
          {pagesText(count)}
        </a>
      </h3>
      {hint !== undefined && <p class="hint">{hint}</p>}
      {messages.slice(0, SHOWN_MESSAGES).map(({ message, pages: list }) => (
        <div key={message} class="said">
          {message !== '' && <p class="message">{message}</p>}
          <ul>
            {list.slice(0, SHOWN_PAGES).map((at) => (
              <li key={at}>
                <a href={hashOf({ view: 'overview', filter: {}, page: pages.id(at) })}>{pages.id(at)}</a>
                {pages.attempts(at) > 1 && <span class="dim"> {pages.attempts(at)} attempts</span>}
                <Log text={pages.log(at)} />
              </li>
            ))}
          </ul>
          {list.length > SHOWN_PAGES && (
            <p class="dim">and {pagesText(list.length - SHOWN_PAGES)} more with these words</p>
          )}
        </div>
      ))}
      {messages.length > SHOWN_MESSAGES && (
        <p>
          <a href={hashOf({ view: 'pages', filter })}>All {pagesText(count)}</a>
        </p>
      )}
    </article>
  );
}

/** The last lines that the worker wrote about a page. */
export function Log({
  text,
  isOpen = false,
}: {
  readonly text: string | undefined;
  readonly isOpen?: boolean;
}) {
  if (text === undefined) return null;
  return (
    <details class="log" open={isOpen}>
      <summary>Log</summary>
      <pre>{text}</pre>
    </details>
  );
}
