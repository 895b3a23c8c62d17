import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { colorOf, themeColors } from './colors.ts';
import { TIME_STEPS } from './time-steps.ts';
import { clockText } from './words.ts';

export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
  /** Place in the palette. */
  readonly color: number;
  readonly isFilled?: boolean;
}

interface ChartProps {
  readonly height: number;
  /** In seconds since the run's start. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  /** What is shown of it; all where missing. */
  readonly range?: readonly [from: number, to: number] | undefined;
  readonly most?: number;
  readonly unit?: string;
  /** Hears which part was chosen with the mouse. */
  readonly onZoom?: (range: readonly [from: number, to: number]) => void;
  /** Room at the left, so that charts stand below each other. */
  readonly leftPixels?: number;
  readonly label?: string;
}

/** Lines over time. */
export function Chart({
  height,
  at,
  series,
  range,
  most,
  unit = '',
  onZoom,
  leftPixels = 56,
  label,
}: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot | undefined>(undefined);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const make = (): void => {
      plot.current?.destroy();
      const colors = themeColors();
      const axis = {
        stroke: colors.dim,
        grid: { stroke: colors.line, width: 1 },
        ticks: { show: false },
        font: '12px system-ui, sans-serif',
      };
      plot.current = new UPlot(
        {
          width: Math.max(200, element.clientWidth),
          height,
          padding: [10, 0, 0, 0],
          legend: { show: series.length > 1, live: false },
          cursor: { drag: { x: true, y: false, setScale: onZoom === undefined }, points: { size: 6 } },
          hooks: {
            setSelect: [
              (self) => {
                const { left, width } = self.select;
                if (width > 4 && onZoom) onZoom([self.posToVal(left, 'x'), self.posToVal(left + width, 'x')]);
                self.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
              },
            ],
          },
          scales: {
            x: { time: false, ...(range && { min: range[0], max: range[1] }) },
            y: { range: (_self, _low, high) => [0, most ?? Math.max(high ?? 0, 1) * 1.08] },
          },
          axes: [
            {
              ...axis,
              size: 30,
              incrs: TIME_STEPS,
              values: (_self, splits) => splits.map((split) => clockText(split)),
            },
            {
              ...axis,
              size: leftPixels,
              values: (_self, splits) => splits.map((split) => `${split}${unit}`),
            },
          ],
          series: [
            {},
            ...series.map(({ name, color, isFilled }) => ({
              label: name,
              stroke: colorOf(color),
              width: 1.5,
              points: { show: false },
              ...(isFilled && { fill: `${colorOf(color)}2e` }),
            })),
          ],
        },
        [at as number[], ...series.map(({ values }) => values as (number | null)[])],
        element,
      );
    };
    make();
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: Math.max(200, element.clientWidth), height }),
    );
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [at, series, height]);
  useEffect(() => {
    if (range) plot.current?.setScale('x', { min: range[0], max: range[1] });
  }, [range?.[0], range?.[1]]);
  return (
    <div
      class="chart"
      ref={place}
      role="img"
      aria-label={label ?? series.map(({ name }) => name).join(', ')}
    />
  );
}
