import { expect, test } from 'vitest';
import { NestedPages } from '../../../src/run/slots/nested-pages.ts';

const INPUT = '/w/1/in';

interface Batch {
  readonly pages?: readonly string[];
  readonly done?: readonly string[];
  readonly touched?: readonly string[];
  readonly code?: number;
  readonly lines?: readonly string[];
  readonly before?: string;
  readonly endedBy?: 'page-timeout';
}

function judged(batch: Batch): string {
  const {
    pages = ['1', '2', 'a/1', 'b/1'],
    done = [],
    touched = [],
    code = 0,
    lines = [],
    before,
    endedBy,
  } = batch;
  const nested = new NestedPages();
  if (before !== undefined) nested.came(before);
  return nested.judge({
    pages,
    done: new Set(done),
    touched: new Set(touched),
    input: INPUT,
    end: { by: 'exit', code },
    lastLines: lines,
    ...(endedBy && { endedBy }),
  });
}

test.each<[string, Batch, string]>([
  ['all beside the folders, none in them', { done: ['1', '2'] }, 'surely'],
  [
    'it ended at a folder',
    { done: ['1'], code: 1, lines: [`IsADirectoryError: [Errno 21] Is a directory: '${INPUT}/a'`] },
    'surely',
  ],
  [
    'it ended at its first folder',
    { code: 1, lines: [`[ WARN:0@0.1] imread_('${INPUT}/b'): can't open/read file`] },
    'surely',
  ],
  ['only one in a folder', { pages: ['1', 'a/1'], done: ['1'] }, 'perhaps'],
  ['all are in folders, and nothing is done', { pages: ['a/1', 'b/1'] }, 'perhaps'],
  ['one in a folder is done', { done: ['1', '2', 'a/1'] }, 'no'],
  ['one in a folder was named', { done: ['1', '2'], touched: ['b/1'] }, 'no'],
  ['one in a folder came before', { done: ['1', '2'], before: 'c/1' }, 'no'],
  ['one beside the folders is missing too', { done: ['1'] }, 'no'],
  ['it failed', { done: ['1', '2'], code: 1, lines: ['RuntimeError: boom'] }, 'no'],
  ['it told of an error and ended well', { done: ['1', '2'], lines: ['RuntimeError: boom'] }, 'no'],
  [
    'it says where it is, and fails',
    { code: 1, lines: [`scanning ${INPUT}/a`, 'RuntimeError: CUDA error'] },
    'no',
  ],
  ['it names a page in a folder', { pages: ['a/1', 'a/2'], code: 1, lines: [`${INPUT}/a/1: boom`] }, 'no'],
  ['it was ended', { pages: ['a/1', 'a/2'], endedBy: 'page-timeout' }, 'no'],
  ['no folders', { pages: ['1', '2'], done: ['1'] }, 'no'],
])('%s', (_, batch, expected) => {
  expect(judged(batch)).toBe(expected);
});
