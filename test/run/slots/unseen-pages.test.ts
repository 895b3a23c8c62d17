import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import { UnseenPages } from '../../../src/run/slots/unseen-pages.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';

const heard = (
  line: string,
  { command = ['python3', 't.py'], copy = false, worked = false, hasNamed = false, isKnown = true } = {},
) => {
  const told: Happening[] = [];
  const links = new LinkMode({ copies: copy, isKnown });
  const unseen = new UnseenPages((happening) => told.push(happening), links);
  if (worked) unseen.worked();
  for (let times = 0; times < 2; times += 1)
    unseen.heard({ command, lines: ['loading', line], names: ['001.png'], hasNamed, output: '/work/out' });
  expect(told).toHaveLength(unseen.hint === undefined ? 0 : 1);
  return unseen.hint?.includes('--link copy') ?? false;
};

test.each([
  "FileNotFoundError: [Errno 2] No such file or directory: '/in/ch1/001.png'",
  "[ WARN:0@0.03] global loadsave.cpp:268 findDecoder imread_('/in/001.png'): can't open/read file: check file path/integrity",
  'Error: ENOENT: no such file or directory, open "/in/001.png"',
  'No images found in /in',
  'Found 0 images',
  'Found 0 input images in /in',
  'found 0.',
  'No valid image files were found',
  'No such file: 001.png.',
  'translated 0 pages',
  'nothing to translate',
])('a worker that says "%s" may not see what links lead to', (line) => {
  expect(heard(line)).toBe(true);
});

test.each([
  "FileNotFoundError: [Errno 2] No such file or directory: 'models/ocr.ckpt'",
  "OSError: cannot identify image file '/in/001.png'",
  'RuntimeError: no kernel image is available for execution on the device',
  "FileNotFoundError: [Errno 2] No such file or directory: '/work/out/ch1/002/001.png'",
  "FileNotFoundError: [Errno 2] No such file or directory: 'fonts/A-001.png'",
  "FileNotFoundError: [Errno 2] No such file or directory: 'fonts/001.png.json'",
  'No config file found, using defaults',
  'No model files found in models',
  'translated 12 pages',
  'Found 10 images',
  'Found 0 text regions',
  'RuntimeError: no model files found in /models',
  'done, 0 pages failed',
  '001.png: nothing to translate',
  "FileNotFoundError: [Errno 2] No such file or directory: '/work/out/ch1/001.png'",
])('a worker that says "%s" has another trouble', (line) => {
  expect(heard(line)).toBe(false);
});

test('a program that named its pages sees them, even where it made none of them', () => {
  expect(heard('[demo] Done. Translated 0 images in 0.0 seconds')).toBe(true);
  expect(heard('[demo] Done. Translated 0 images in 0.0 seconds', { hasNamed: true })).toBe(false);
  expect(heard("can't open /in/001.png: No such file or directory", { hasNamed: true })).toBe(true);
});

test('whatever a container says, it may be that; and nothing is, where pages are copies or one was done', () => {
  const missing = 'No such file or directory: 001.png';
  expect(heard('boom', { command: ['/usr/bin/docker', 'run', 'image'] })).toBe(true);
  expect(heard(missing, { copy: true })).toBe(false);
  expect(heard(missing, { worked: true })).toBe(false);
  // That was a copy in the work folder.
  expect(heard(missing, { worked: true, isKnown: false })).toBe(true);
});

test('what a program complains of is told once, and is the hint until a page is done', () => {
  const told: Happening[] = [];
  const unseen = new UnseenPages((happening) => told.push(happening), new LinkMode({ copies: true }));
  unseen.complained('tr.py does not take --input');
  unseen.complained('tr.py does not take --output');
  expect(told).toEqual([{ type: 'notice', level: 'warn', text: 'tr.py does not take --input.' }]);
  expect(unseen.hint).toBe('tr.py does not take --input');
  unseen.worked();
  expect(unseen.hint).toBeUndefined();
});

test('a program that may read one level of folders is told of as such, copies or not', () => {
  const said = {
    command: ['python3', 't.py'],
    lines: ['No images found'],
    names: ['001.png'],
    hasNamed: false,
    output: '/work/out',
    program: 't.py',
  };
  for (const copies of [false, true]) {
    const told: Happening[] = [];
    const unseen = new UnseenPages((happening) => told.push(happening), new LinkMode({ copies }));
    unseen.heard({ ...said, mayReadOneLevel: true });
    unseen.heard({ ...said, mayReadOneLevel: true });
    expect(told).toMatchObject([
      { text: expect.stringMatching(/^t\.py translated none of its pages.*--batch-layout folder/) },
    ]);
    expect(unseen.hint).toContain('--batch-layout folder');
  }
});

test('what a program said that made pages of copies is no sign of links; else it is told that copies were made', () => {
  const told: Happening[] = [];
  const links = new LinkMode({ copies: false, isKnown: false });
  const unseen = new UnseenPages((happening) => told.push(happening), links);
  const own = "FileNotFoundError: [Errno 2] No such file or directory: '/models/001.png'";
  const said = { command: ['t.py'], names: ['001.png'], hasNamed: true, output: '/work/out' };
  unseen.worked();
  unseen.leftCopies(['loading', own]);
  links.passedTrial();
  unseen.heard({ ...said, lines: ['loading', own] });
  expect(told).toEqual([]);
  unseen.heard({ ...said, lines: ["No such file or directory: '/in/001.png'"] });
  expect(told).toMatchObject([
    { text: expect.stringMatching(/^The translator can't find its pages, and has translated only copies: /) },
  ]);
});
