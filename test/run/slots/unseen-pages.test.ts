import { expect, test } from 'vitest';
import type { Happening } from '../../../src/model/events.ts';
import { UnseenPages } from '../../../src/run/slots/unseen-pages.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';

const heard = (
  line: string,
  { command = ['python3', 't.py'], copy = false, worked = false, isKnown = true } = {},
) => {
  const told: Happening[] = [];
  const links = new LinkMode({ copies: copy, isKnown });
  const unseen = new UnseenPages((happening) => told.push(happening), links);
  if (worked) unseen.worked();
  for (let times = 0; times < 2; times += 1)
    unseen.heard({ command, lines: ['loading', line], names: ['001.png'] });
  expect(told).toHaveLength(unseen.hint === undefined ? 0 : 1);
  return unseen.hint?.includes('--link copy') ?? false;
};

test.each([
  "FileNotFoundError: [Errno 2] No such file or directory: '/in/ch1/001.png'",
  "[ WARN:0@0.03] global loadsave.cpp:268 findDecoder imread_('/in/001.png'): can't open/read file: check file path/integrity",
  'Error: ENOENT: no such file or directory, open "/in/001.png"',
  'No images found in /in',
  'Found 0 images',
  'translated 0 pages',
  'nothing to translate',
])('a worker that says "%s" may not see what links lead to', (line) => {
  expect(heard(line)).toBe(true);
});

test.each([
  "FileNotFoundError: [Errno 2] No such file or directory: 'models/ocr.ckpt'",
  "OSError: cannot identify image file '/in/001.png'",
  'RuntimeError: no kernel image is available for execution on the device',
  'translated 12 pages',
  'Found 10 images',
])('a worker that says "%s" has another trouble', (line) => {
  expect(heard(line)).toBe(false);
});

test('whatever a container says, it may be that; and nothing is, where pages are copies or one was done', () => {
  const missing = 'No such file or directory: 001.png';
  expect(heard('boom', { command: ['/usr/bin/docker', 'run', 'image'] })).toBe(true);
  expect(heard(missing, { copy: true })).toBe(false);
  expect(heard(missing, { worked: true })).toBe(false);
  // That was a copy in the work folder.
  expect(heard(missing, { worked: true, isKnown: false })).toBe(true);
});
