import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ReportData } from '../report/html/report-data.ts';
import { themeColors } from './colors.ts';
import { AXIS_PIXELS, drawTimeline, LANE_PIXELS, timelineHeight } from './draw-timeline.ts';
import { markAt } from './lane-marks.ts';
import { OUTCOME_NAMES, type PageTable } from './page-table.ts';
import { LEFT_PIXELS } from './timeline-layout.ts';
import { type Bar, barAt, type Timeline } from './timeline-model.ts';
import type { ViewProps } from './view-props.ts';
import { clockText, secondsText, slotText } from './words.ts';

interface CanvasProps extends ViewProps {
  readonly timeline: Timeline;
  readonly range: readonly [from: number, to: number];
  readonly zoom: (range: readonly [from: number, to: number]) => void;
  readonly reset: () => void;
  readonly open: (id: string) => void;
}

/** How far a pointer moves before it drags. */
const DRAG_PIXELS = 5;
const NEAR_PIXELS = 4;
/** Marks stand on the upper edge of a slot's line. */
const MARK_PIXELS = 7;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** What is under the pointer. */
type Found =
  | { readonly bar: Bar; readonly slot: number }
  | { readonly bar?: never; readonly said: string; readonly from: number; readonly slot?: number };

/** The slots' lines, drawn; with what is under the pointer in words. */
export function SlotCanvas({ data, pages, timeline, range, zoom, reset, open }: CanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  const [hover, setHover] = useState<Place & Found>();
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number }>();
  const names = useMemo(() => data.slots.map((_, at) => slotText(data, at)), [data]);
  const longest = useMemo(
    () =>
      timeline.lanes.reduce(
        (most, { bars }) => bars.reduce((long, { start, end }) => Math.max(long, end - start), most),
        0,
      ),
    [timeline],
  );
  const height = timelineHeight(timeline);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const changed = (): void => setTheme((now) => now + 1);
    scheme.addEventListener('change', changed);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', changed);
    };
  }, []);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context || width === 0) return;
    const ratio = devicePixelRatio || 1;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(context, timeline, { range, width, leftPixels: LEFT_PIXELS, names, longest }, themeColors());
  }, [timeline, range, width, height, names, longest, theme]);

  const secondsAt = (x: number): number =>
    range[0] + ((x - LEFT_PIXELS) / (width - LEFT_PIXELS)) * (range[1] - range[0]);
  const placeOf = (event: MouseEvent): Place => {
    const bounds = canvas.current?.getBoundingClientRect();
    return { x: event.clientX - (bounds?.left ?? 0), y: event.clientY - (bounds?.top ?? 0) };
  };
  const under = ({ x, y }: Place): Found | undefined => {
    const at = Math.floor((y - AXIS_PIXELS) / LANE_PIXELS);
    const lane = timeline.lanes[at];
    if (lane === undefined || x < LEFT_PIXELS) return undefined;
    const seconds = secondsAt(x);
    const near = (NEAR_PIXELS / (width - LEFT_PIXELS)) * (range[1] - range[0]);
    const bar = barAt(lane, seconds, near);
    const mark = markAt(timeline.marks, { lane: at, seconds, near });
    const isOnMark = y - AXIS_PIXELS - at * LANE_PIXELS <= MARK_PIXELS;
    if (mark && (isOnMark || !bar)) return { said: mark.text, from: mark.seconds, slot: lane.slot };
    if (bar) return { bar, slot: lane.slot };
    const wait = timeline.waits.find(({ start, end }) => start <= seconds && seconds <= end);
    return wait && { said: `Waiting for the service: ${wait.text}`, from: wait.start };
  };
  const moved = (event: PointerEvent): void => {
    const place = placeOf(event);
    if (drag) setDrag({ from: drag.from, to: place.x });
    const found = under(place);
    setHover(found && { ...place, ...found });
  };
  const pressed = (event: PointerEvent): void => {
    const { x } = placeOf(event);
    if (event.button !== 0 || x < LEFT_PIXELS || event.pointerType === 'touch') return;
    setDrag({ from: x, to: x });
    canvas.current?.setPointerCapture(event.pointerId);
  };
  const released = (event: PointerEvent): void => {
    const dragged = drag;
    setDrag(undefined);
    if (dragged && Math.abs(dragged.to - dragged.from) > DRAG_PIXELS) {
      zoom([secondsAt(Math.min(dragged.from, dragged.to)), secondsAt(Math.max(dragged.from, dragged.to))]);
      return;
    }
    const found = under(placeOf(event));
    if (found?.bar && found.bar.page >= 0) open(pages.id(found.bar.page));
  };
  const keyed = (event: KeyboardEvent): void => {
    const [from, to] = range;
    const length = to - from;
    if (event.key === '+' || event.key === '=') zoom([from + length / 4, to - length / 4]);
    else if (event.key === '-') zoom([from - length / 2, to + length / 2]);
    else if (event.key === 'ArrowRight') zoom([from + length / 4, to + length / 4]);
    else if (event.key === 'ArrowLeft') zoom([from - length / 4, to - length / 4]);
    else if (event.key === '0') reset();
    else return;
    event.preventDefault();
  };
  return (
    <div class="timeline" ref={box}>
      <canvas
        ref={canvas}
        style={{ height: `${height}px` }}
        role="img"
        aria-label={describe(data, timeline)}
        tabIndex={0}
        onPointerMove={moved}
        onPointerDown={pressed}
        onPointerUp={released}
        onPointerLeave={() => setHover(undefined)}
        onDblClick={reset}
        onKeyDown={keyed}
      />
      {drag && Math.abs(drag.to - drag.from) > DRAG_PIXELS && (
        <span
          class="chosen"
          style={{ left: `${Math.min(drag.from, drag.to)}px`, width: `${Math.abs(drag.to - drag.from)}px` }}
        />
      )}
      {hover && (
        <div
          class="tip"
          style={{
            top: `${hover.y + 16}px`,
            ...(hover.x > width / 2 ? { right: `${width - hover.x}px` } : { left: `${hover.x}px` }),
          }}
        >
          {hover.bar ? (
            <Tip data={data} pages={pages} {...hover} />
          ) : (
            <>
              <span>
                {clockText(hover.from)}
                {hover.slot === undefined ? '' : ` on ${slotText(data, hover.slot)}`}
              </span>
              <span class="message">{hover.said}</span>
            </>
          )}
        </div>
      )}
    </div>
  );
}

function Tip({
  data,
  pages,
  bar,
  slot,
}: {
  readonly data: ReportData;
  readonly pages: PageTable;
  readonly bar: Bar;
  readonly slot: number;
}) {
  const what =
    bar.kind === 'load' ? 'Loading' : bar.kind === 'retry' ? 'Tried again' : OUTCOME_NAMES[bar.kind];
  const message = data.pages.messages[bar.message];
  return (
    <>
      {bar.page >= 0 && <b>{pages.id(bar.page)}</b>}
      <span>
        {what}, {secondsText(bar.end - bar.start)}, from {clockText(bar.start)} on {slotText(data, slot)}
      </span>
      {message !== undefined && <span class="message">{message}</span>}
    </>
  );
}

/** The picture in words, for who does not see it. */
function describe(data: ReportData, { lanes, end }: Timeline): string {
  const of = lanes.map(({ slot, bars }) => {
    const pages = bars.filter(({ page, kind }) => page >= 0 && kind !== 'retry').length;
    return `${slotText(data, slot)}: ${pages} pages`;
  });
  return `What each slot did in ${clockText(end)}. ${of.slice(0, 64).join(', ')}`;
}
