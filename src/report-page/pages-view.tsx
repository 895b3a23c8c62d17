import { useMemo } from 'preact/hooks';
import type { PageFilter } from './page-filter.ts';
import { PageRows } from './page-rows.tsx';
import { OUTCOME_NAMES, SHOWN_OUTCOMES } from './page-table.ts';
import type { Route } from './route.ts';
import { reasonText } from './troubles.tsx';
import type { Go } from './use-route.ts';
import type { ViewProps } from './view-props.ts';
import { count, pagesText, slotText } from './words.ts';

const LISTED_FOLDERS = 2000;

interface PagesProps extends ViewProps {
  readonly route: Route;
  readonly listed: Uint32Array;
  readonly go: Go;
}

/** A filter without one of its parts where that is not asked for any more. */
type Change = { readonly [K in keyof PageFilter]?: PageFilter[K] | undefined };

/** All pages, as a table that is searched and filtered. */
export function PagesView({ data, pages, route, listed, go }: PagesProps) {
  const { filter } = route;
  const change = (part: Change): void => {
    const next = Object.fromEntries(
      Object.entries({ ...filter, ...part }).filter(([, value]) => value !== undefined),
    );
    go({ view: 'pages', filter: next }, { replace: true });
  };
  const outcomes = useMemo(
    () => SHOWN_OUTCOMES.filter((each) => data.pages.outcome.includes(letterOf(each))),
    [data],
  );
  const hasUnchanged = useMemo(() => data.pages.marks.some((marks) => (marks & 1) !== 0), [data]);
  const hasEarlier = useMemo(() => data.pages.marks.some((marks) => (marks & 8) !== 0), [data]);
  return (
    <section class="pages">
      <h2 class="sr">Pages</h2>
      <search>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            <span class="sr">Search pages and messages</span>
            <input
              type="search"
              placeholder="Search pages and messages"
              value={filter.search ?? ''}
              onInput={(event) => change({ search: event.currentTarget.value || undefined })}
            />
          </label>
          <Choice
            label="Outcome"
            value={filter.outcome}
            choices={outcomes.map((each) => [each, OUTCOME_NAMES[each]])}
            onChange={(value) => change({ outcome: outcomes.find((each) => each === value) })}
          />
          {data.pages.reasons.length > 0 && (
            <Choice
              label="Reason"
              value={filter.reason}
              choices={data.pages.reasons.map((each) => [each, reasonText(each)])}
              onChange={(reason) => change({ reason })}
            />
          )}
          {data.pages.folders.length > 1 && (
            <Choice
              label="Folder"
              value={filter.folder}
              choices={data.pages.folders
                .slice(0, LISTED_FOLDERS)
                .filter(Boolean)
                .map((each) => [each, each])}
              onChange={(folder) => change({ folder })}
            />
          )}
          {data.slots.length > 1 && (
            <Choice
              label="Slot"
              value={filter.slot === undefined ? undefined : String(filter.slot)}
              choices={data.slots.map((_, at) => [String(at), slotText(data, at)])}
              onChange={(slot) => change({ slot: slot === undefined ? undefined : Number(slot) })}
            />
          )}
          {(hasUnchanged || hasEarlier) && (
            <Choice
              label="Which"
              value={filter.mark}
              choices={[
                ...(hasUnchanged ? [['unchanged', 'Unchanged'] as const] : []),
                ...(hasEarlier
                  ? ([
                      ['now', 'Of this run'],
                      ['earlier', 'Done before'],
                    ] as const)
                  : []),
              ]}
              onChange={(mark) =>
                change({ mark: (['unchanged', 'now', 'earlier'] as const).find((each) => each === mark) })
              }
            />
          )}
          <Choice
            label="Order"
            value={filter.sort}
            all="By name"
            choices={[
              ['slowest', 'Slowest first'],
              ['latest', 'Latest first'],
            ]}
            onChange={(sort) =>
              change({ sort: (['slowest', 'latest'] as const).find((each) => each === sort) })
            }
          />
          {Object.keys(filter).length > 0 && (
            <button type="button" onClick={() => go({ view: 'pages', filter: {} }, { replace: true })}>
              Clear
            </button>
          )}
        </form>
      </search>
      <p class="dim" role="status">
        {listed.length === pages.length
          ? pagesText(listed.length)
          : `${count(listed.length)} of ${pagesText(pages.length)}`}
      </p>
      <PageRows
        key={JSON.stringify(filter)}
        data={data}
        pages={pages}
        listed={listed}
        open={(id) => go({ ...route, page: id })}
        isPaused={route.page !== undefined}
      />
    </section>
  );
}

const letterOf = (outcome: string): string => outcome.charAt(0);

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly all?: string;
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ label, value, choices, all = 'All', onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value || undefined)}>
        <option value="">{all}</option>
        {choices.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
