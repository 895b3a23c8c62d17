import { expect, test } from 'vitest';
import { redactor } from '../../../src/model/redact.ts';
import type { Ledgers } from '../../../src/store/ledger/ledger.ts';
import type { LedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { withRedactedOptions } from '../../../src/store/ledger/old-options.ts';
import { optionsHash } from '../../../src/store/ledger/options-hash.ts';

const optionsWith = (key: string, lang: string) => ({
  translator: 'worker',
  args: ['-H', `Authorization: Bearer ${key}`, '--lang', lang],
});

const line = (page: string, options: string): LedgerLine => ({
  type: 'page-finished',
  time: '2025-01-01T00:00:00.000Z',
  page,
  attempt: 1,
  outcome: 'translated',
  source: null,
  output: null,
  options,
});

test('pages that an earlier version made with a secret in its options are none of other options', () => {
  const [old, other] = [optionsWith('old-key', 'ENG'), optionsWith('old-key', 'DEU')];
  const plain = { translator: 'demo' };
  const all = [old, other, plain];
  const ledgers: Ledgers = {
    pages: new Map(all.map((options, n) => [`${n}.png`, line(`${n}.png`, optionsHash(options))])),
    optionsByHash: new Map(all.map((options) => [optionsHash(options), options])),
    outputNames: new Map(),
    refusals: new Map(),
    archives: new Map(),
    broken: 0,
    files: [],
  };
  const redact = redactor({});
  const now = redact.options(optionsWith('new-key', 'ENG'));
  const read = withRedactedOptions(ledgers, redact);
  expect([...read.pages.values()].map(({ options }) => options)).toEqual([
    optionsHash(now),
    optionsHash(redact.options(other)),
    optionsHash(plain),
  ]);
  expect(read.optionsByHash.get(optionsHash(now))).toEqual(now);
  expect(JSON.stringify([...read.optionsByHash.values()])).not.toContain('old-key');
});

test('ledgers without secrets are as they were', () => {
  const options = { translator: 'demo', args: ['--lang', 'ENG'] };
  const hash = optionsHash(options);
  const ledgers: Ledgers = {
    pages: new Map([['1.png', line('1.png', hash)]]),
    optionsByHash: new Map([[hash, options]]),
    outputNames: new Map(),
    refusals: new Map(),
    archives: new Map(),
    broken: 0,
    files: [],
  };
  expect(withRedactedOptions(ledgers, redactor({}))).toEqual(ledgers);
});
