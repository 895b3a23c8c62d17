import { expect, test } from 'vitest';
import { parseLedgerLine } from '../../../src/store/ledger/ledger-line.ts';

const LINE = {
  type: 'page-finished',
  time: '2026-01-02T03:04:05.678Z',
  page: 'ch1/1.png',
  slot: 'gpu0-0',
  gpu: 0,
  attempt: 1,
  outcome: 'translated',
  seconds: 0.5,
  width: 1200,
  height: 1700,
  peakMemoryBytes: 5e9,
  source: { bytes: 100, mtimeMs: 1.5, crc32: 7 },
  output: { path: 'ch1/1.png', bytes: 90 },
  unchanged: true,
  options: 'abc',
};
const ODD = [
  undefined,
  null,
  '',
  'x',
  'a\0b',
  '/etc/passwd',
  '../x',
  'a..b',
  '2026-02-30T03:04:05.678Z',
  '2026-02-29T03:04:05Z',
  '+012026-01-02T03:04:05.678Z',
  -1,
  -0,
  0.5,
  2 ** 60,
  true,
  false,
  [],
  {},
  { bytes: 1, mtimeMs: -1.5, crc32: 2 },
  { bytes: -1, mtimeMs: 1, crc32: 2 },
  { bytes: 1, mtimeMs: 1, crc32: 2, more: 3 },
  { path: '', bytes: 1 },
  { path: '/x', bytes: 1 },
  { path: 'a/../../x', bytes: 1 },
  { path: 'a..b', bytes: 1, more: 2 },
  { path: 'a', bytes: '1' },
];
/** A field that nobody knows is dropped, and takes a line through the checks of all kinds. */
const slowly = (line: object): unknown => parseLedgerLine(JSON.stringify({ ...line, unknown: 1 }));
const quickly = (line: object): unknown => parseLedgerLine(JSON.stringify(line));

test('a usual line is what the checks of all kinds make of it', () => {
  expect(quickly(LINE)).toEqual(LINE);
  expect(slowly(LINE)).toEqual(LINE);
});

test.each([...Object.keys(LINE), 'reason', 'message', 'stages', 'cost', 'standIn', 'adopted', 'constructor'])(
  'whatever the field %s has, a line is what the checks of all kinds make of it',
  (field) => {
    for (const odd of ODD) {
      const line = { ...LINE, [field]: odd };
      expect(quickly(line), JSON.stringify(odd)).toEqual(slowly(line));
    }
  },
);

test('a figure beyond all numbers is no figure', () => {
  const text = JSON.stringify(LINE).replace('"bytes":100', '"bytes":1e999');
  expect(parseLedgerLine(text)).toBeUndefined();
  expect(parseLedgerLine(JSON.stringify(LINE).replace('"seconds":0.5', '"seconds":1e999'))).toBeUndefined();
});
