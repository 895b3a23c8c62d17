import { expect, test } from 'vitest';
import { type SlotContext, stopIfHopeless } from '../../../src/run/slots/slot-context.ts';

test('a run without a usable GPU says on lines of their own what each said last', async () => {
  const failures: unknown[] = [];
  const words = new Map([
    [0, 'boom'],
    [1, undefined],
  ]);
  const run = {
    dispatcher: {
      allBenched: true,
      hopeless: undefined,
      stranded: () => [],
      lastWordsOn: (gpu: number) => words.get(gpu),
    },
    slots: [0, 1].map((index) => ({ id: `gpu${index}-0`, gpu: { index } })),
    redact: (text: string) => text,
    fail: (error: unknown) => failures.push(error),
  } as unknown as SlotContext;
  await stopIfHopeless(run);
  expect(failures).toMatchObject([
    {
      message: 'no usable GPU is left: each was benched',
      details: ['gpu0: boom', 'gpu1: it said nothing'],
    },
  ]);
});
