import { expect, test } from 'vitest';
import { Screen, textOf } from '../../scripts/run-picture/screen.ts';
import { LiveLines } from '../../src/report/live-lines.ts';

/** What a terminal makes of ends of lines. */
const onTerminal = (text: string): string => text.replaceAll('\n', '\r\n');

/** A terminal of 40 columns and what it shows. */
function terminal(columns = 40): {
  draw: (frame: string[], above?: string[]) => string;
  shown: () => string[];
} {
  const screen = new Screen(columns);
  const live = new LiveLines();
  return {
    draw: (frame, above = []) => {
      const text = live.repaint({ above, frame, columns });
      screen.write(onTerminal(text));
      return text;
    },
    shown: () => {
      const rows = screen.rows.map(textOf);
      return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1);
    },
  };
}

test('a frame takes the place of the one before, also where it is shorter', () => {
  const { draw, shown } = terminal();
  draw(['head', 'one is long', 'two', 'three']);
  draw(['head', 'one', 'two', '3']);
  expect(shown()).toEqual(['head', 'one', 'two', '3']);
  draw(['HEAD', 'one']);
  expect(shown()).toEqual(['HEAD', 'one']);
  draw(['HEAD', 'one', 'two']);
  expect(shown()).toEqual(['HEAD', 'one', 'two']);
  draw([]);
  expect(shown()).toEqual([]);
});

test('lines stay above, however long they are', () => {
  const { draw, shown } = terminal();
  draw(['head', 'one']);
  draw(['head', 'two'], ['a'.repeat(40), 'b'.repeat(50)]);
  draw(['head', 'three']);
  expect(shown()).toEqual(['a'.repeat(40), 'b'.repeat(40), 'b'.repeat(10), 'head', 'three']);
});

test('what does not change is not written, and what does not clear before it is written', () => {
  const { draw } = terminal();
  expect(draw([])).toBe('');
  draw(['head', 'one', 'two']);
  expect(draw(['head', 'one', 'two'])).toBe('');
  const text = draw(['head', 'one', '2']);
  expect(text).not.toMatch(/head|one/);
  expect(text).not.toContain('\x1b[J');
  expect(text).not.toContain('\x1b[2K');
  expect(text).toContain('2\x1b[K');
});

test('a frame is shown at once, and never hides the cursor', () => {
  const { draw } = terminal();
  for (const text of [draw(['a']), draw(['b']), draw(['b'], ['above']), draw([])]) {
    expect(text.startsWith('\x1b[?2026h')).toBe(true);
    expect(text.endsWith('\x1b[?2026l')).toBe(true);
    expect(text.lastIndexOf('\x1b[?7h')).toBeGreaterThan(text.lastIndexOf('\x1b[?7l'));
    expect(text).not.toContain('\x1b[?25');
  }
});

test.each([10, 20, 39])('nothing is left where a terminal has become %i columns wide', (columns) => {
  const frame = ['h'.repeat(39), `\x1b[2mgpu0\x1b[22m  ${'p'.repeat(30)}`, 'x'.repeat(20), ''];
  const live = new LiveLines();
  // A terminal wraps what it shows anew, as if it had been so narrow from the start.
  const screen = new Screen(columns);
  screen.write('above\r\n');
  screen.write(onTerminal(live.repaint({ above: [], frame, columns: 40 })));
  screen.write(onTerminal(live.repaint({ above: [], frame: ['head', 'one'], columns })));
  expect(screen.rows.map(textOf)).toEqual(['above', 'head', 'one', '']);
});

test('letters of two columns that do not fit a row are on the next', () => {
  const live = new LiveLines();
  live.repaint({ above: [], frame: ['漫画漫画漫', 'a'], columns: 40 });
  expect(live.repaint({ above: [], frame: ['b'], columns: 3 })).toContain('\r\x1b[6A\x1b[J');
});
