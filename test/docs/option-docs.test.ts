import { expect, test } from 'vitest';
import { withOptionTables } from '../../scripts/write-option-docs.ts';
import { RUN_OPTIONS } from '../../src/options/option-table.ts';
import { readPage } from './shown.ts';

const PAGE = await readPage('docs/configuration.md');

test('the page has the options as the program has them: else run tsx scripts/write-option-docs.ts', () => {
  expect(PAGE).toBe(withOptionTables(PAGE));
});

test('each option has a row', () => {
  const keys = Object.keys(RUN_OPTIONS);
  const rows = PAGE.slice(PAGE.indexOf('## All options'))
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  expect(rows).toHaveLength(keys.length);
  expect(rows.find((row) => row.includes('--page-timeout'))).toBe(
    '| `--page-timeout <duration>` | `pageTimeout`<br>`MGPU_PAGE_TIMEOUT` | longest wait for a page (90s, 10m, 8h30m; 0: no limit) | `15m` |',
  );
});

test('what stands around the tables stays, and a page without marks is refused', () => {
  const [before = ''] = PAGE.split('<!-- made by');
  expect(withOptionTables(PAGE).startsWith(before)).toBe(true);
  expect(() => withOptionTables('# Options\n')).toThrow('lost its mark');
});
