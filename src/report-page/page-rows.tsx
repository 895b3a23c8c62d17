import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isTyping } from './is-typing.ts';
import { Outcome } from './outcome.tsx';
import { reasonText } from './troubles.tsx';
import type { ViewProps } from './view-props.ts';
import { secondsText, slotText } from './words.ts';

const ROW_PIXELS = 36;
/** Rows above and below what is seen, so that a quick scroll shows no gap. */
const SPARE_ROWS = 12;
/** Browsers make no element taller than some 33 million pixels. */
const MOST_PIXELS = 16_000_000;

interface RowsProps extends ViewProps {
  /** Places of the pages, in the order of the rows. */
  readonly listed: Uint32Array;
  readonly open: (id: string) => void;
  /** Keys are somebody else's now. */
  readonly isPaused: boolean;
}

/** The rows of the page table; only those in sight are there. */
export function PageRows({ data, pages, listed, open, isPaused }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [active, setActive] = useState(0);
  const height = Math.min(MOST_PIXELS, listed.length * ROW_PIXELS);
  /** Where there are more rows than pixels allow, a pixel is a part of several rows. */
  const scale = height > 0 ? (listed.length * ROW_PIXELS) / height : 1;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = (): void => setView({ top: element.scrollTop, height: element.clientHeight });
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  const goTo = (row: number): void => {
    const at = Math.max(0, Math.min(listed.length - 1, row));
    setActive(at);
    const element = box.current;
    if (!element) return;
    const top = (at * ROW_PIXELS) / scale;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_PIXELS > element.scrollTop + element.clientHeight - ROW_PIXELS)
      element.scrollTop = top - element.clientHeight + 2 * ROW_PIXELS;
  };
  const keyed = (event: KeyboardEvent): void => {
    if (isPaused || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = Math.max(1, Math.floor(view.height / ROW_PIXELS) - 2);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: 1,
      j: 1,
      ArrowUp: -1,
      k: -1,
      PageDown: rows,
      PageUp: -rows,
      Home: -listed.length,
      End: listed.length,
    };
    const step = steps[event.key];
    const page = listed[active];
    if (step !== undefined) goTo(active + step);
    else if (event.key === 'f') {
      const next = listed.findIndex((at, row) => row > active && pages.outcome(at) === 'failed');
      if (next >= 0) goTo(next);
    } else if (event.key === 'Enter' && page !== undefined && !(event.target instanceof HTMLAnchorElement))
      open(pages.id(page));
    else return;
    event.preventDefault();
  };
  // Before the next key: an effect of useEffect comes after the page is painted.
  useLayoutEffect(() => {
    addEventListener('keydown', keyed);
    return () => removeEventListener('keydown', keyed);
  });
  const first = Math.max(0, Math.floor((view.top * scale) / ROW_PIXELS) - SPARE_ROWS);
  const last = Math.min(listed.length, first + Math.ceil(view.height / ROW_PIXELS) + 2 * SPARE_ROWS);
  const offset = scale === 1 ? first * ROW_PIXELS : Math.max(0, view.top - SPARE_ROWS * ROW_PIXELS);
  return (
    <div class="rows" ref={box} role="grid" aria-rowcount={listed.length + 1} aria-label="Pages" tabIndex={0}>
      <div class="row head" role="row" aria-rowindex={1}>
        <span role="columnheader">Outcome</span>
        <span role="columnheader">Page</span>
        <span role="columnheader">Slot</span>
        <span role="columnheader" class="figure">
          Time
        </span>
        <span role="columnheader">What was said</span>
      </div>
      <div class="space" style={{ height: `${height}px` }} role="presentation">
        <div style={{ transform: `translateY(${offset}px)` }} role="presentation">
          {Array.from(listed.subarray(first, last), (at, index) => (
            <div
              key={at}
              class={`row${first + index === active ? ' active' : ''}`}
              role="row"
              aria-rowindex={first + index + 2}
              aria-selected={first + index === active}
              onClick={() => {
                setActive(first + index);
                open(pages.id(at));
              }}
            >
              <span role="gridcell">
                <Outcome outcome={pages.outcome(at)} />
              </span>
              <span role="gridcell" class="path" title={pages.id(at)}>
                <span class="dim">{pages.folder(at) && `${pages.folder(at)}/`}</span>
                <b>{pages.name(at)}</b>
              </span>
              <span role="gridcell" class="dim">
                {pages.slot(at) < 0 ? (pages.isEarlier(at) ? 'before' : '–') : slotText(data, pages.slot(at))}
              </span>
              <span role="gridcell" class="figure">
                {secondsText(pages.seconds(at))}
              </span>
              <span role="gridcell" class="words">
                {pages.isUnchanged(at) && <em>unchanged</em>}
                {pages.hasOriginalInPlace(at) && <em>original in its place</em>}
                {pages.attempts(at) > 1 && <em>{pages.attempts(at)} attempts</em>}
                {[
                  pages.reason(at) && reasonText(pages.reason(at) ?? ''),
                  pages.message(at),
                  ...pages.notes(at),
                ]
                  .filter(Boolean)
                  .join(': ')}
              </span>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
