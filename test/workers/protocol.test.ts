import { expect, test } from 'vitest';
import { pageRequest, parseWorkerLine, requestLine } from '../../src/workers/protocol.ts';

const READY = {
  type: 'ready',
  protocol: 1,
  translator: 'x',
  version: '2',
  device: 'cuda:0',
  loadSeconds: 1.5,
};
const DONE = { type: 'done', id: 'ch1/003.png', outcome: 'translated' };

const parse = (message: unknown) => parseWorkerLine(JSON.stringify(message));

test.each([
  [READY],
  [{ type: 'stage', id: 'a.png', stage: 'ocr' }],
  [DONE],
  [{ ...DONE, outcome: 'no-text', output: null }],
  [
    {
      ...DONE,
      outcome: 'untranslated',
      seconds: 3.2,
      stages: { detection: 0.4 },
      peakMemoryBytes: 5_100_000_000,
    },
  ],
  [{ ...DONE, notes: ['two balloons are small'] }],
  [{ type: 'failed', id: 'a.png', reason: 'oom' }],
  [{ type: 'failed', id: 'a.png', reason: 'error', message: 'why', seconds: 1 }],
  [{ type: 'failed', id: 'a.png', reason: 'busy' }],
  [{ type: 'failed', id: 'a.png', reason: 'busy', message: '429', retryAfterSeconds: 0 }],
  [{ type: 'failed', id: 'a.png', reason: 'busy', retryAfterSeconds: 20.5 }],
])('knows %j', (message) => {
  expect(parse(message)).toEqual(message);
});

test('a field that it does not know takes nothing from a line', () => {
  expect(parse({ ...DONE, later: true })).toEqual(DONE);
  expect(parseWorkerLine(`  ${JSON.stringify(DONE)}\r`)).toEqual(DONE);
});

test('nobody is waited for longer than ten minutes', () => {
  const answer = { type: 'failed', id: 'a.png', reason: 'busy' };
  expect(parse({ ...answer, retryAfterSeconds: 86_400 })).toEqual({ ...answer, retryAfterSeconds: 600 });
});

test.each([
  '',
  'Loading weights: 100%',
  '{',
  `{"type":"done","id":"a`,
  '[{"type":"done"}]',
  '"done"',
  'null',
  '{}',
  '{"type":"hello"}',
  '{"type":"constructor"}',
  '{"type":["done"]}',
  `note: ${JSON.stringify(DONE)}`,
])('a line that is no JSON object of a known type is noise: %s', (line) => {
  expect(parseWorkerLine(line)).toEqual({ type: 'noise' });
});

test.each([
  ['version', { ...READY, version: undefined }],
  ['protocol', { ...READY, protocol: '1' }],
  ['protocol', { ...READY, protocol: undefined }],
  ['loadSeconds', { ...READY, loadSeconds: -1 }],
  ['stage', { type: 'stage', id: 'a.png' }],
  ['outcome', { ...DONE, outcome: 'failed' }],
  ['id', { ...DONE, id: 3 }],
  ['output', { ...DONE, output: '/elsewhere.png' }],
  ['seconds', { ...DONE, seconds: null }],
  ['stages.ocr', { ...DONE, stages: { ocr: '1 s' } }],
  ['notes', { ...DONE, notes: 'small' }],
  ['notes.1', { ...DONE, notes: ['small', 3] }],
  ['reason', { type: 'failed', id: 'a.png', reason: 'tired' }],
  ['message', { type: 'failed', id: 'a.png', reason: 'error', message: ['a', 'b'] }],
  ['retryAfterSeconds', { type: 'failed', id: 'a.png', reason: 'busy', retryAfterSeconds: -1 }],
  ['retryAfterSeconds', { type: 'failed', id: 'a.png', reason: 'busy', retryAfterSeconds: '20' }],
  ['retryAfterSeconds', { type: 'failed', id: 'a.png', reason: 'busy', retryAfterSeconds: null }],
])('a known type with a wrong field is refused, and the field named: %s in %j', (field, message) => {
  expect(parse(message)).toMatchObject({ type: 'invalid', why: expect.stringContaining(`wrong "${field}"`) });
});

test('texts of a worker are without secrets, a page is named as it is', () => {
  const secret = 'secret-value';
  const redact = (text: string): string => text.replaceAll(secret, '*');
  const read = (message: object) => parseWorkerLine(JSON.stringify(message), redact);
  const id = `${secret}.png`;
  expect(
    read({ ...READY, translator: `t ${secret}`, version: secret, device: `cuda ${secret}` }),
  ).toMatchObject({
    translator: 't *',
    version: '*',
    device: 'cuda *',
  });
  expect(read({ type: 'stage', id, stage: secret })).toEqual({ type: 'stage', id, stage: '*' });
  expect(read({ ...DONE, id, stages: { [`ocr ${secret}`]: 1 } })).toMatchObject({
    id,
    stages: { 'ocr *': 1 },
  });
  expect(read({ type: 'failed', id, reason: 'error', message: `401 ${secret}` })).toMatchObject({
    id,
    message: '401 *',
  });
  const long = { ...READY, protocol: 2, translator: `${'x'.repeat(195)}${secret}` };
  for (const line of [read(long), read({ ...DONE, stages: { [secret]: 'x' } })])
    expect(JSON.stringify(line)).not.toContain('secret');
});

test('of notes ten are kept, each short, on one line, and without secrets, which are taken out before the cut', () => {
  const secret = 'secret-value';
  const redact = (text: string): string => text.replaceAll(secret, '*');
  const notesOf = (notes: string[]): unknown => parseWorkerLine(JSON.stringify({ ...DONE, notes }), redact);
  expect(notesOf(Array.from({ length: 30 }, (_, n) => `${n}`))).toMatchObject({
    notes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  });
  expect(
    notesOf(['', ' \n', '\u001b[31ma\u001b[0m\r\n\tb\u0007\u0085c \u2028', `it is ${secret}`]),
  ).toMatchObject({
    notes: ['a b c', 'it is *'],
  });
  expect(notesOf(['漫'.repeat(300)])).toMatchObject({ notes: ['漫'.repeat(200)] });
  expect(JSON.stringify(notesOf([`${'x'.repeat(195)}${secret}`]))).not.toContain('secret');
});

test('another protocol is refused by name, whatever its other fields are', () => {
  expect(parse({ type: 'ready', protocol: 2, translator: 'my-model', novel: [] })).toMatchObject({
    type: 'other-protocol',
    protocol: 2,
    why: expect.stringMatching(/my-model .*protocol 2.*protocol 1/),
  });
});

test('a request is one line, whatever the name holds, and says no size that is not known', () => {
  const page = { id: 'new\nline "漫画" \u2028.png', input: '/in/new\nline', output: '/out/x', group: '' };
  const line = requestLine(page);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(pageRequest.parse(JSON.parse(line))).toEqual({ type: 'page', ...page });
  expect(JSON.parse(requestLine({ ...page, width: 3, height: 4 }))).toMatchObject({ width: 3, height: 4 });
});

test('twenty thousand answers are read in a tenth of the time that a page may cost', () => {
  const lines = Array.from({ length: 20_000 }, (_, n) =>
    JSON.stringify({ ...DONE, id: `ch/${n}.png`, seconds: 0.1 }),
  );
  const before = process.cpuUsage();
  for (const line of lines) parseWorkerLine(line);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000 / lines.length).toBeLessThan(0.03);
});

test('bounds all that a worker says', () => {
  const long = 'x'.repeat(300_000);
  const stages = Object.fromEntries(
    Array.from({ length: 5000 }, (_none, at) => [`${at} ${long.slice(0, 50)}`, 1e300]),
  );
  for (const message of [
    { ...READY, translator: long, version: long, device: long, loadSeconds: 1e300 },
    { type: 'stage', id: 'a', stage: long },
    { ...DONE, stages, seconds: 1e300, peakMemoryBytes: 1e300 },
    { type: 'failed', id: 'a', reason: 'error', message: long, seconds: 1e300 },
    { ...DONE, stages: { [long]: 'x' } },
  ]) {
    const line = parse(message);
    expect(JSON.stringify(line).length).toBeLessThan(10_000);
    expect(JSON.stringify(line)).not.toContain('e+300');
  }
});
