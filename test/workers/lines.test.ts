import { expect, test } from 'vitest';
import { LineReader, LONGEST_LINE_BYTES } from '../../src/workers/lines.ts';

function linesOf(chunks: readonly (string | Buffer)[], now: () => number = () => 0): string[] {
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line), { now });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  reader.end();
  return lines;
}

test('puts half lines together and tells the last one without a newline', () => {
  expect(linesOf(['one\ntw', 'o\nthr', 'ee'])).toEqual(['one', 'two', 'three']);
});

test('keeps a character whole that a pipe cut in two', () => {
  const bytes = Buffer.from('漫画\n');
  expect(linesOf([bytes.subarray(0, 2), bytes.subarray(2, 4), bytes.subarray(4)])).toEqual(['漫画']);
});

test('replaces what is no UTF-8 and goes on', () => {
  expect(linesOf([Buffer.from([0x61, 0xff, 0x62, 0x0a]), 'next\n'])).toEqual(['a\ufffdb', 'next']);
});

test('takes colours out', () => {
  expect(linesOf(['\u001b[31mred\u001b[0m text\n'])).toEqual(['red text']);
});

test('tells of a bar redrawn with carriage returns once a second, and its last state', () => {
  let now = 0;
  const lines: string[] = [];
  const reader = new LineReader((line) => lines.push(line), { now: () => now });
  for (const percent of ['10%', '20%', '30%', '40%', '50%']) {
    now += 400;
    reader.push(Buffer.from(`${percent}\r`));
  }
  reader.push(Buffer.from('100%\n'));
  expect(lines).toEqual(['10%', '40%', '100%']);
});

test('takes a Windows line end for one line end', () => {
  expect(linesOf(['one\r\ntwo\r', '\nthree'])).toEqual(['one', 'two', 'three']);
});

test('cuts a line of ten megabytes and says how much is missing, without holding it', () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const [line, next] = linesOf([...Array<string>(10).fill(megabyte), '\nnext\n']);
  expect(line).toHaveLength(
    LONGEST_LINE_BYTES + ` … [${10 * 1024 * 1024 - LONGEST_LINE_BYTES} bytes cut]`.length,
  );
  expect(line).toContain(`${10 * 1024 * 1024 - LONGEST_LINE_BYTES} bytes cut`);
  expect(next).toBe('next');
});

test('keeps empty lines', () => {
  expect(linesOf(['a\n\nb\n'])).toEqual(['a', '', 'b']);
});

const SECRET = 'secret-value-of-29-characters';
const redact = (text: string): string => text.replaceAll(SECRET, '[redacted]');

test.each([1, 10, 28, 29, 40])('a secret %d bytes before the cut is seen whole and taken out', (before) => {
  for (const ahead of ['', `${SECRET} `.repeat(20)]) {
    const start = ahead + 'x'.repeat(LONGEST_LINE_BYTES - before - ahead.length);
    const lines: string[] = [];
    const reader = new LineReader((line) => lines.push(line), { redact });
    reader.push(Buffer.from(`${start}${SECRET}${'y'.repeat(100_000)}\n`));
    expect(lines.join()).toMatch(/ … \[\d+ bytes cut\]$/);
    expect(lines.join()).not.toContain(SECRET.slice(0, 5));
  }
});

test('a redacted line comes with the original one, which names are looked for in', () => {
  const told: string[][] = [];
  const reader = new LineReader((...both) => told.push(both), { redact });
  reader.push(Buffer.from(`page ${SECRET}.png\n`));
  expect(told).toEqual([['page [redacted].png', `page ${SECRET}.png`]]);
});

test('a long line of rubbish takes no time to speak of', () => {
  const { user } = process.cpuUsage();
  const lines = linesOf([Buffer.concat([Buffer.alloc(60_000, 0xff), Buffer.alloc(20_000, 0x61)])]);
  expect(lines).toHaveLength(1);
  expect((process.cpuUsage().user - user) / 1000).toBeLessThan(1000);
});
