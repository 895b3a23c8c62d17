import { useMemo } from 'preact/hooks';
import type { FolderSummary } from '../report/run-summary.ts';
import { Chart } from './chart.tsx';
import { FolderTable } from './folders-view.tsx';
import { GpuTable } from './gpu-table.tsx';
import { filterPages } from './page-filter.ts';
import { hashOf } from './route.ts';
import { throughput } from './throughput.ts';
import { Troubles } from './troubles.tsx';
import type { ViewProps } from './view-props.ts';
import { pagesText, secondsText, slotText } from './words.ts';

const SLOWEST = 10;
const FOLDERS = 8;

/** What a reader wants first: what failed and why; then what is missing, how fast it went, and what was slow. */
export function Overview({
  data,
  pages,
  folders,
}: ViewProps & { readonly folders: readonly FolderSummary[] }) {
  const open = folders.filter(({ complete }) => !complete);
  const rate = useMemo(() => throughput(data, pages), [data, pages]);
  const unchanged = useMemo(() => filterPages(pages, { mark: 'unchanged' }).length, [pages]);
  return (
    <>
      <Troubles data={data} pages={pages} />
      {unchanged > 0 && (
        <section>
          <h2>Unchanged</h2>
          <p>
            <a href={hashOf({ view: 'pages', filter: { mark: 'unchanged' } })}>{pagesText(unchanged)}</a> came
            out equal to the original, byte for byte. That is right for a page without text; otherwise the
            translator may have saved the original after a failure.
          </p>
        </section>
      )}
      {open.length > 0 && (
        <section>
          <h2>Folders that are not complete</h2>
          <FolderTable folders={open.slice(0, FOLDERS)} />
          {open.length > FOLDERS && <a href={hashOf({ view: 'folders', filter: {} })}>All folders</a>}
        </section>
      )}
      {rate.at.length > 1 && (
        <section>
          <h2>Pages per minute</h2>
          <Chart
            height={180}
            at={rate.at}
            series={[{ name: 'pages/min', values: rate.perMinute, color: 0, isFilled: true }]}
          />
        </section>
      )}
      <GpuTable data={data} />
      <Slowest data={data} pages={pages} />
    </>
  );
}

function Slowest({ data, pages }: ViewProps) {
  const slowest = useMemo(
    () =>
      [...filterPages(pages, { sort: 'slowest', mark: 'now' }).subarray(0, SLOWEST)].filter(
        (at) => (pages.seconds(at) ?? 0) > 0,
      ),
    [pages],
  );
  if (slowest.length < 2) return null;
  const longest = pages.seconds(slowest[0] ?? 0) ?? 1;
  return (
    <section>
      <h2>Slowest pages</h2>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">Page</th>
            <th scope="col">Slot</th>
            <th scope="col" class="figure">
              Time
            </th>
            <td class="wide" />
          </tr>
        </thead>
        <tbody>
          {slowest.map((at) => (
            <tr key={at}>
              <td>
                <a href={hashOf({ view: 'overview', filter: {}, page: pages.id(at) })}>{pages.id(at)}</a>
              </td>
              <td>{slotText(data, pages.slot(at))}</td>
              <td class="figure">{secondsText(pages.seconds(at))}</td>
              <td class="wide">
                <span class="length" style={{ width: `${((pages.seconds(at) ?? 0) / longest) * 100}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <a href={hashOf({ view: 'pages', filter: { sort: 'slowest' } })}>All pages, slowest first</a>
    </section>
  );
}
