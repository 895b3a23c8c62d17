import type { ThemeColors } from './colors.ts';
import type { LaneMark } from './lane-marks.ts';

/** Half the width of a mark, and the height of those that stand on a line's upper edge. */
const HALF_PIXELS = 4;
const HEIGHT_PIXELS = 7;

/** Draws the marks of slots' lines; shapes tell them apart, not colours alone. `topOf`: the upper edge of a lane. */
export function drawMarks(
  context: CanvasRenderingContext2D,
  marks: readonly LaneMark[],
  place: {
    readonly x: (seconds: number) => number;
    readonly topOf: (lane: number) => number;
    readonly lanePixels: number;
  },
  colors: ThemeColors,
): void {
  for (const { kind, lane, seconds } of marks) {
    const x = place.x(seconds);
    const top = place.topOf(lane);
    switch (kind) {
      case 'exited':
        context.fillStyle = colors.outcomes.failed;
        fillShape(context, [
          [x - HALF_PIXELS, top],
          [x + HALF_PIXELS, top],
          [x, top + HEIGHT_PIXELS],
        ]);
        break;
      case 'packing':
        context.fillStyle = colors.text;
        fillShape(context, [
          [x, top],
          [x + HALF_PIXELS, top + HEIGHT_PIXELS / 2],
          [x, top + HEIGHT_PIXELS],
          [x - HALF_PIXELS, top + HEIGHT_PIXELS / 2],
        ]);
        break;
      case 'benched':
      case 'retired':
        // Where a slot's line ends.
        context.fillStyle = kind === 'benched' ? colors.outcomes.failed : colors.dim;
        context.fillRect(x - 1, top + 2, 2, place.lanePixels - 4);
    }
  }
}

function fillShape(
  context: CanvasRenderingContext2D,
  [first, ...others]: readonly (readonly [x: number, y: number])[],
): void {
  if (first === undefined) return;
  context.beginPath();
  context.moveTo(...first);
  for (const corner of others) context.lineTo(...corner);
  context.fill();
}
