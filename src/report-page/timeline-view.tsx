import { useMemo, useState } from 'preact/hooks';
import type { GpuSamples } from '../report/html/report-data.ts';
import { Chart, type Series } from './chart.tsx';
import type { Route } from './route.ts';
import { SlotCanvas } from './slot-canvas.tsx';
import { throughput } from './throughput.ts';
import { LEFT_PIXELS } from './timeline-layout.ts';
import { timelineOf } from './timeline-model.ts';
import type { Go } from './use-route.ts';
import type { ViewProps } from './view-props.ts';
import { clockText, count, gpuText } from './words.ts';

const LEGEND = [
  ['load', 'Loading'],
  ['translated', 'Translated'],
  ['no-text', 'No text'],
  ['untranslated', 'Untranslated'],
  ['failed', 'Failed'],
  ['retry', 'Tried again'],
] as const;
const MARK_LEGEND = [
  ['exited', '▾ Worker ended'],
  ['packing', '◆ Workers on a GPU'],
  ['retired', '| Slot retired'],
  ['benched', '| GPU disabled'],
] as const;
/** Nothing shorter can be told apart. */
const SHORTEST_SECONDS = 0.2;

/** What each slot did, and how busy the GPUs were, over the time of the run. */
export function TimelineView({
  data,
  pages,
  route,
  go,
}: ViewProps & { readonly route: Route; readonly go: Go }) {
  const timeline = useMemo(() => timelineOf(data, pages), [data, pages]);
  const whole = useMemo(() => [0, timeline.end] as const, [timeline]);
  const [range, setRange] = useState<readonly [number, number]>(whole);
  const zoom = ([from, to]: readonly [number, number]): void => {
    const length = Math.min(timeline.end, Math.max(SHORTEST_SECONDS, to - from));
    const start = Math.max(0, Math.min(timeline.end - length, from));
    setRange([start, start + length]);
  };
  const scaled = (by: number): void => {
    const [from, to] = range;
    const middle = (from + to) / 2;
    const half = ((to - from) / 2) * by;
    zoom([middle - half, middle + half]);
  };
  const rate = useMemo(() => throughput(data, pages), [data, pages]);
  const busy = useMemo(() => seriesOf(data.samples, ({ busy: values }) => values), [data]);
  const memory = useMemo(
    () => seriesOf(data.samples, ({ memory: values }) => values.map((each) => each / 1000)),
    [data],
  );
  const rateSeries = useMemo(
    () => [{ name: 'pages/min', values: rate.perMinute, color: 0, isFilled: true }],
    [rate],
  );
  if (timeline.lanes.every(({ bars }) => bars.length === 0))
    return (
      <section>
        <h2>Timeline</h2>
        <p class="note">No worker of this run was at work.</p>
      </section>
    );
  return (
    <section>
      <div class="with-tools">
        <h2>Timeline</h2>
        <div class="tools">
          <span class="dim" role="status">
            {clockText(range[0])} – {clockText(range[1])}
          </span>
          <button type="button" aria-label="Zoom in" onClick={() => scaled(0.5)}>
            +
          </button>
          <button type="button" aria-label="Zoom out" onClick={() => scaled(2)}>
            −
          </button>
          <button
            type="button"
            onClick={() => setRange(whole)}
            disabled={range[0] === 0 && range[1] === timeline.end}
          >
            All
          </button>
        </div>
      </div>
      <ul class="legend" aria-hidden="true">
        {LEGEND.map(([name, text]) => (
          <li key={name} class={`outcome ${name}`}>
            <i />
            {text}
          </li>
        ))}
        {timeline.waits.length > 0 && (
          <li class="outcome waiting">
            <i />
            Waiting for a service
          </li>
        )}
        {MARK_LEGEND.filter(([kind]) => timeline.marks.some((mark) => mark.kind === kind)).map(
          ([kind, text]) => (
            <li key={kind} class="mark">
              {text}
            </li>
          ),
        )}
      </ul>
      <SlotCanvas
        data={data}
        pages={pages}
        timeline={timeline}
        range={range}
        zoom={zoom}
        reset={() => setRange(whole)}
        open={(id) => go({ ...route, page: id })}
      />
      {data.spans.more > 0 && (
        <p class="dim">{count(data.spans.more)} more loads and retries are not shown.</p>
      )}
      <p class="dim">
        Drag to zoom, double-click to see all; a click on a page opens it. With the keyboard: + − ← → 0.
      </p>
      {busy.at.length > 0 && (
        <>
          <h3>GPU use</h3>
          <Chart
            height={150}
            at={busy.at}
            series={busy.series}
            range={range}
            most={100}
            unit=" %"
            leftPixels={LEFT_PIXELS}
            onZoom={zoom}
          />
          <h3>GPU memory</h3>
          <Chart
            height={150}
            at={memory.at}
            series={memory.series}
            range={range}
            unit=" GB"
            leftPixels={LEFT_PIXELS}
            onZoom={zoom}
          />
        </>
      )}
      {rate.at.length > 1 && (
        <>
          <h3>Pages per minute</h3>
          <Chart
            height={150}
            at={rate.at}
            series={rateSeries}
            range={range}
            leftPixels={LEFT_PIXELS}
            onZoom={zoom}
          />
        </>
      )}
    </section>
  );
}

/** GPUs are sampled one after the other: their samples are brought onto one axis. */
function seriesOf(
  samples: readonly GpuSamples[],
  valuesOf: (of: GpuSamples) => readonly number[],
): { readonly at: number[]; readonly series: Series[] } {
  const at = [...new Set(samples.flatMap((one) => one.at))].sort((one, other) => one - other);
  return {
    at: at.map((each) => each / 100),
    series: samples.map((one, color) => ({
      name: gpuText(one.gpu, one.part),
      values: onAxis(at, one, valuesOf(one)),
      color,
    })),
  };
}

/** Between two samples of a GPU there is a straight line. */
function onAxis(at: readonly number[], samples: GpuSamples, values: readonly number[]): (number | null)[] {
  let next = 0;
  return at.map((each) => {
    while (next < samples.at.length && (samples.at[next] ?? 0) < each) next += 1;
    const after = samples.at[next];
    if (after === each) return values[next] ?? null;
    const before = samples.at[next - 1];
    if (after === undefined || before === undefined) return null;
    const share = (each - before) / (after - before);
    return (values[next - 1] ?? 0) * (1 - share) + (values[next] ?? 0) * share;
  });
}
