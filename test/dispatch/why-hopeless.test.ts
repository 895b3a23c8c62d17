import { expect, test } from 'vitest';
import { DeviceHealth } from '../../src/dispatch/device-health.ts';
import { whyHopeless, whyNothingStarts } from '../../src/dispatch/why-hopeless.ts';

const WORDS = "ModuleNotFoundError: No module named 'torch'";
const policy = {
  common: { words: () => WORDS, hasWorked: false, failedPages: ['1.png'], hasHeardFarOff: true },
  places: { isAnyLeft: true, wordsOfStarts: WORDS, health: new DeviceHealth(2), struckOut: [] },
};
const standing = (lastLines: readonly string[]) => ({
  takes: 'page' as const,
  hasWork: true,
  lastLines,
  maySample: true,
  hasDoneBefore: false,
  slots: ['cpu-0'],
});

test('last lines follow where they say more than the message', () => {
  const more = ['Traceback (most recent call last):', WORDS];
  expect(whyHopeless(policy, standing(more))?.lines).toEqual(more);
  expect(whyNothingStarts(policy, standing(more))?.lines).toEqual(more);
});

test('a line that the message has is not said again', () => {
  expect(whyHopeless(policy, standing([WORDS]))).toEqual({
    message: `every page fails the same way: ${WORDS}`,
    lines: [],
  });
  expect(whyNothingStarts(policy, standing([WORDS]))?.lines).toEqual([]);
});
