import { expect, test } from 'vitest';
import type { Decision } from '../../../src/dispatch/assignment.ts';
import type { Happening } from '../../../src/model/events.ts';
import type { Slot } from '../../../src/model/slot.ts';
import { applyDecision } from '../../../src/run/slots/apply-decision.ts';
import type { PageRecorder } from '../../../src/store/outputs/recorder.ts';

const SLOT: Slot = { id: 'gpu0-0', gpu: { index: 0, vendor: 'nvidia', visibleAs: '0' } };
const page = (id: string) => ({ id, path: `/in/${id}` });
const NOTHING: Decision = { failed: [], retried: [], benched: [], retired: [], replaceProcess: false };

/** Carries a decision out, and returns what was told, recorded and ended, in its order. */
async function applied(decision: Partial<Decision>): Promise<unknown[]> {
  const done: unknown[] = [];
  const recorder: Pick<PageRecorder, 'failed'> = {
    failed: async ({ id }, reason, end) => {
      done.push({ recorded: id, reason, ...end });
    },
  };
  await applyDecision(
    {
      emit: (happening: Happening) => done.push(happening),
      recorder: recorder as PageRecorder,
      fail: (error) => done.push({ ended: error }),
    },
    SLOT,
    { ...NOTHING, ...decision },
  );
  return done;
}

test('pages that come again are told of, and pages that failed are recorded', async () => {
  const failure = { reason: 'error', message: 'boom', attempts: 2 } as const;
  expect(
    await applied({
      retried: [{ ...failure, page: page('1.png') }],
      failed: [
        { ...failure, page: page('2.png'), slot: 'gpu1-0' },
        { page: page('3.png'), reason: 'unreadable', message: 'no image', attempts: 0 },
      ],
    }),
  ).toEqual([
    { type: 'page-retried', page: '1.png', slot: 'gpu0-0', attempt: 2, reason: 'error', message: 'boom' },
    { recorded: '2.png', reason: 'error', attempt: 2, message: 'boom', slot: 'gpu1-0' },
    { recorded: '3.png', reason: 'unreadable', attempt: 0, message: 'no image' },
  ]);
});

test('devices, slots and waits are told of on one line each', async () => {
  const long = `boom ${'x'.repeat(400)}`;
  const told = await applied({
    benched: [{ gpu: 1, why: long }],
    retired: [{ slot: SLOT, why: '1 of 2 workers fit on gpu0' }],
    waits: { seconds: 4, message: 'HTTP 429' },
  });
  expect(told).toEqual([
    { type: 'gpu-benched', gpu: 1, reason: expect.stringMatching(/^boom x{295}… \(105 characters more\)$/) },
    { type: 'slot-retired', slot: 'gpu0-0', why: '1 of 2 workers fit on gpu0' },
    { type: 'service-waiting', seconds: 4, message: 'HTTP 429' },
  ]);
});

test('a run without hope ends with the words, and what stood behind them', async () => {
  const [{ ended }] = (await applied({
    hopeless: { message: 'no usable GPU is left', hint: 'see the logs', lines: ['gpu0: boom'] },
  })) as [{ ended: unknown }];
  expect(ended).toMatchObject({
    exitCode: 3,
    message: 'no usable GPU is left',
    hint: 'see the logs',
    details: ['gpu0: boom'],
  });
});

test('a page that can not be recorded ends the run, and keeps nothing else from being told', async () => {
  const done: unknown[] = [];
  const failure = { reason: 'error', message: 'boom', attempts: 1 } as const;
  await applyDecision(
    {
      emit: (happening: Happening) => done.push(happening.type),
      recorder: {
        failed: async ({ id }: { id: string }) => {
          if (id === '1.png') throw new Error('no space is left');
          done.push(id);
        },
      } as unknown as PageRecorder,
      fail: (error) => done.push(String(error)),
    },
    SLOT,
    {
      ...NOTHING,
      failed: [
        { ...failure, page: page('1.png') },
        { ...failure, page: page('2.png') },
      ],
      benched: [{ gpu: 1, why: 'boom' }],
    },
  );
  expect(done).toEqual(['gpu-benched', 'Error: no space is left', '2.png']);
});
