import { expect, test } from 'vitest';
import type { WorkerLine } from '../../src/workers/protocol.ts';
import { Session } from '../../src/workers/session.ts';
import type { WorkerLoss } from '../../src/workers/warm-answer.ts';
import type { WorkerEnd } from '../../src/workers/worker-end.ts';

const END: WorkerEnd = { by: 'signal', signal: 'SIGSEGV' };
const LOSS: WorkerLoss = { by: 'lost', reason: 'crash', message: 'SIGSEGV', lastWords: [], end: END };
const READY = {
  type: 'ready',
  protocol: 1,
  translator: 'fake',
  version: '1',
  device: 'cpu',
  loadSeconds: 2,
} as const;

const page = (id: string) => ({ id, input: `/in/${id}`, output: `/out/${id}`, group: '' });
const done = (id: string): WorkerLine & { type: 'done' } => ({ type: 'done', id, outcome: 'translated' });

/** A session, and all that it did, in order. */
function startSession() {
  const happened: string[] = [];
  const session = new Session({
    send: (line) => happened.push(`sent ${JSON.parse(line).id}`),
    redact: (text) => text.replaceAll('secret', '***'),
    tell: {
      line: (stream, text) => happened.push(`${stream}: ${text}`),
      pageStarted: (id) => happened.push(`started ${id}`),
      stage: (id, stage) => happened.push(`${id}: ${stage}`),
    },
    pageBegan: () => happened.push('began'),
    idle: () => happened.push('idle'),
    broken: ({ why }) => happened.push(`broken: ${why}`),
  });
  return { session, happened };
}

test('a session takes two pages once its worker is ready', async () => {
  const { session, happened } = startSession();
  expect(session.hasRoom).toBe(false);
  session.hear(READY);
  expect(await session.ready).toMatchObject({ by: 'ready', translator: 'fake', loadSeconds: 2 });
  const answers = [session.translate(page('a')), session.translate(page('b'))];
  expect([session.inFlight, session.hasRoom]).toEqual([2, false]);
  session.hear({ type: 'stage', id: 'a', stage: 'ocr' });
  session.hear(done('a'));
  expect([session.inFlight, session.hasRoom]).toEqual([1, true]);
  session.hear(done('b'));
  expect(await Promise.all(answers)).toMatchObject([{ by: 'done' }, { by: 'done' }]);
  expect(session.answered).toBe(2);
  expect(happened).toEqual([
    'idle',
    'sent a',
    'began',
    'started a',
    'sent b',
    'a: ocr',
    'began',
    'started b',
    'idle',
  ]);
});

test('with its worker the page at work is lost, and the one ahead goes back', async () => {
  const { session } = startSession();
  session.hear(READY);
  const answers = [session.translate(page('a')), session.translate(page('b'))];
  session.close(END, LOSS);
  expect(await Promise.all(answers)).toEqual([LOSS, { by: 'handed-back', end: END }]);
  expect(session.inFlight).toBe(0);
});

test('all pages of a worker that was told to end go back', async () => {
  const { session } = startSession();
  session.hear(READY);
  const answer = session.translate(page('a'));
  session.close(END, undefined);
  expect(await answer).toEqual({ by: 'handed-back', end: END });
});

test('a session without a worker that was ready says how that ended', async () => {
  const lost = startSession().session;
  lost.close(END, LOSS);
  expect(await lost.ready).toEqual(LOSS);
  const stopped = startSession().session;
  stopped.close(END, undefined);
  expect(await stopped.ready).toEqual({ by: 'stopped', end: END });
});

test('the first breach counts, and nothing that is said after it', async () => {
  const { session, happened } = startSession();
  session.hear(READY);
  const answer = session.translate(page('a'));
  session.hear(done('secret'));
  session.hear(done('a'));
  session.hear(READY);
  expect(happened.filter((what) => what.startsWith('broken'))).toEqual([
    'broken: "done" about "***", which is not the page at work',
  ]);
  expect(session.breach).toEqual({ by: 'breach', why: expect.stringContaining('not the page at work') });
  session.close(END, LOSS);
  expect(await answer).toEqual(LOSS);
});

test('another protocol is a breach that is known by its number', () => {
  const { session } = startSession();
  session.hear({ type: 'other-protocol', why: 'fake speaks protocol 2', protocol: 2 });
  expect(session.breach).toEqual({ by: 'breach', why: 'fake speaks protocol 2', otherProtocol: 2 });
});

test('the last words are those of the page at work', () => {
  const { session } = startSession();
  session.hear(READY);
  session.log('stderr', 'loading');
  void session.translate(page('a'));
  session.log('stderr', 'page a');
  expect(session.lastWords).toEqual(['page a']);
});

test('a worker that tells of stages without end is heard a hundred times a page', () => {
  const { session, happened } = startSession();
  session.hear(READY);
  void session.translate(page('a'));
  for (let at = 0; at < 100_000; at++)
    session.hear({ type: 'stage', id: 'a', stage: `${Math.floor(at / 2)}` });
  const told = happened.filter((one) => one.startsWith('a: '));
  expect([told.length, new Set(told).size]).toEqual([100, 100]);
});
