import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { LedgerWriter, ledgerName, readLedgers } from '../../../src/store/ledger/ledger.ts';
import { lineOf } from '../lines.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
});
const write = (name: string, ...lines: unknown[]) =>
  writeFile(
    join(folder, name),
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );

test('has no ledgers where there is no folder', async () => {
  expect(await readLedgers(join(folder, 'none'))).toMatchObject({ broken: 0, files: [] });
});

test('lets the later line of a file win, whatever the clock said', async () => {
  await write(
    'ledger.ndjson',
    lineOf('a.png', { time: '2026-01-02T03:04:05Z', outcome: 'failed' }),
    lineOf('a.png', { time: '2026-01-02T01:00:00Z' }),
  );
  expect((await readLedgers(folder)).pages.get('a.png')?.outcome).toBe('translated');
});

test('lets the later time win between the ledgers of parts', async () => {
  await write(
    'ledger.ndjson',
    lineOf('a.png', { time: '2026-01-01T00:00:05Z', attempt: 5 }),
    lineOf('b.png'),
  );
  await write(
    'ledger.2-of-4.ndjson',
    lineOf('a.png', { time: '2026-01-01T00:00:09Z', attempt: 9 }),
    // The last word of this file on the page is older than the other file's.
    lineOf('a.png', { time: '2026-01-01T00:00:03Z', attempt: 3 }),
    lineOf('c.png'),
  );
  await write('ledger.bak.ndjson', lineOf('d.png'));
  const { pages, files } = await readLedgers(folder);
  expect(pages.get('a.png')?.attempt).toBe(5);
  expect([...pages.keys()].sort()).toEqual(['a.png', 'b.png', 'c.png']);
  expect(files).toEqual(['ledger.2-of-4.ndjson', 'ledger.ndjson']);
});

test('knows how outputs were named, and passes over what names none', async () => {
  const named = (name: string, time = '2026-01-01T00:00:05Z', options = 'h') => ({
    type: 'output-name',
    time,
    options,
    name,
  });
  await write(
    'ledger.ndjson',
    named('{stem}_t{ext}'),
    named('{stem}_u{ext}'),
    named('../{stem}{ext}'),
    named('x'),
  );
  await write(
    'ledger.2-of-4.ndjson',
    named('{stem}_old{ext}', '2026-01-01T00:00:01Z'),
    named('t_{stem}.png', undefined, 'other'),
  );
  const { outputNames, broken } = await readLedgers(folder);
  expect([...outputNames].map(([hash, { name }]) => [hash, name])).toEqual([
    ['h', '{stem}_u{ext}'],
    ['other', 't_{stem}.png'],
  ]);
  expect(broken).toBe(2);
});

test('skips and counts what is torn, garbage or of another version', async () => {
  await write(
    'ledger.ndjson',
    lineOf('a.png'),
    '{"type":"page-finished","page":"b.p',
    '\0\0\0\0',
    '',
    { type: 'page-dreamt', page: 'c.png' },
    lineOf('d.png', { output: { path: '../../etc/passwd', bytes: 1 } }),
    '[]',
    lineOf('e.png'),
    '{"type":"page-fin',
  );
  const { pages, broken } = await readLedgers(folder);
  expect([...pages.keys()]).toEqual(['a.png', 'e.png']);
  expect(broken).toBe(6);
});

test('survives a line that never ends, and reads on behind it', async () => {
  await write('ledger.ndjson', lineOf('a.png'), 'x'.repeat(9_000_000), lineOf('b.png'));
  const { pages, broken } = await readLedgers(folder);
  expect([...pages.keys()]).toEqual(['a.png', 'b.png']);
  expect(broken).toBe(1);
});

test('reads lines that cross the borders of its chunks', async () => {
  const pages = Array.from({ length: 5000 }, (_, at) => lineOf(`漫画/第${at}話 \n.png`));
  await write('ledger.ndjson', ...pages);
  expect((await readFile(join(folder, 'ledger.ndjson'))).length).toBeGreaterThan(1_000_000);
  const read = await readLedgers(folder);
  expect([...read.pages.values()]).toEqual(pages);
  expect(read.broken).toBe(0);
});

test('names the options behind a hash', async () => {
  await write('ledger.ndjson', {
    type: 'options',
    time: '2026-01-01T00:00:00Z',
    hash: 'h',
    options: { args: ['-l'] },
  });
  await appendFile(join(folder, 'ledger.ndjson'), '\n');
  expect((await readLedgers(folder)).optionsByHash.get('h')).toEqual({ args: ['-l'] });
});

test('refuses to go on without a ledger that is there', async () => {
  const file = join(folder, 'ledger.ndjson');
  await mkdir(file);
  await expect(readLedgers(folder)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining(file),
  });
});

test('names a ledger by its part', () => {
  expect(ledgerName()).toBe('ledger.ndjson');
  expect(ledgerName({ index: 2, of: 4 })).toBe('ledger.2-of-4.ndjson');
});

test.each([
  ['mkfifo "$0"', 'a FIFO'],
  ['ln -s /dev/zero "$0"', 'a link'],
])('refuses a ledger made by %s, and does not wait for it', async (command, what) => {
  const file = join(folder, 'ledger.ndjson');
  execFileSync('sh', ['-c', command, file]);
  const message = expect.stringContaining(`it is ${what}, not a regular file`);
  await expect(readLedgers(folder)).rejects.toMatchObject({ exitCode: 3, message });
  await expect(LedgerWriter.open(file)).rejects.toMatchObject({ exitCode: 3, message });
});

test('knows no ledger of a part that no job can have', async () => {
  for (const part of ['1-of-100000000000000000000000', '1-of-100001', '3-of-2'])
    await write(`ledger.${part}.ndjson`, lineOf('a.png'));
  await write('ledger.1-of-100000.ndjson', lineOf('b.png'));
  expect((await readLedgers(folder)).files).toEqual(['ledger.1-of-100000.ndjson']);
});

test('passes over names with NUL, and keeps other control characters: real names have them', async () => {
  const output = (path: string) => ({ output: { path, bytes: 1 } });
  await write(
    'ledger.ndjson',
    lineOf('a.png', output('a\0.png')),
    lineOf('b\0.png'),
    lineOf('c\n.png', output('c\n.png')),
  );
  const { pages, broken } = await readLedgers(folder);
  expect([[...pages.keys()], broken]).toEqual([['c\n.png'], 2]);
});

test('keeps the GPU of a page where the line tells it', async () => {
  await write('ledger.ndjson', lineOf('a.png', { gpu: 3 }), lineOf('b.png', { gpu: null }), lineOf('c.png'));
  const { pages, broken } = await readLedgers(folder);
  expect(['a.png', 'b.png', 'c.png'].map((page) => pages.get(page)?.gpu)).toEqual([3, null, undefined]);
  expect(broken).toBe(0);
});

test('passes over options that are nested without end', async () => {
  const depth = 100_000;
  const options = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  await write(
    'ledger.ndjson',
    `{"type":"options","time":"2026-01-02T03:04:05Z","hash":"h","options":${options}}`,
  );
  expect(await readLedgers(folder)).toMatchObject({ broken: 1 });
});

test('keeps the pages of a clock that was set back, or anywhere', async () => {
  await write(
    'ledger.ndjson',
    { ...lineOf('a.png', { outcome: 'no-text' }), seconds: -3598.2, stages: { ocr: -1 } },
    { ...lineOf('b.png'), time: '+012345-01-02T03:04:05.678Z', seconds: 2 },
    { ...lineOf('c.png'), time: 5 },
  );
  const { pages, broken } = await readLedgers(folder);
  expect([broken, pages.get('a.png')?.outcome, pages.get('b.png')?.seconds, pages.has('c.png')]).toEqual([
    0,
    'no-text',
    2,
    true,
  ]);
  expect(pages.get('a.png')).not.toHaveProperty('seconds');
  expect(pages.get('b.png')?.time).toBe('1970-01-01T00:00:00.000Z');
});
