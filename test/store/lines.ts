import type { LedgerLine } from '../../src/store/ledger/ledger-line.ts';

/** A good page's line, but for what is given. */
export const lineOf = (page: string, but: Partial<LedgerLine> = {}): LedgerLine => ({
  type: 'page-finished',
  time: '2026-01-02T03:04:05.000Z',
  page,
  slot: 'gpu0-0',
  attempt: 1,
  outcome: 'translated',
  source: { bytes: 6, mtimeMs: 1000, crc32: 1 },
  output: { path: page, bytes: 4 },
  options: 'hash-now',
  ...but,
});
