import { expect, test } from 'vitest';
import { type OutputPattern, OWN_NAMES, patternText } from '../../src/pages/output-pattern.ts';
import { OutputNaming } from '../../src/workers/output-naming.ts';

const ENDING: OutputPattern = { before: '', after: '_t' };

function naming(known: { given?: OutputPattern; noted?: OutputPattern; hasMade?: boolean } = {}) {
  const notes: string[] = [];
  const { given, noted, hasMade = false } = known;
  const note = async (pattern: OutputPattern): Promise<void> => {
    notes.push(patternText(pattern));
  };
  return { notes, naming: new OutputNaming({ given, noted, hasMade, note }) };
}

test.each([
  [{}, '{stem}{ext}', true, false],
  [{ hasMade: true }, '{stem}{ext}', true, true],
  [{ noted: ENDING }, '{stem}_t{ext}', true, true],
  [{ given: ENDING }, '{stem}_t{ext}', false, false],
  [{ given: ENDING, noted: ENDING }, '{stem}_t{ext}', false, true],
  [{ given: OWN_NAMES, noted: ENDING }, '{stem}{ext}', false, true],
])('%j: %s, may learn %s, proven %s', (known, now, mayLearn, isProven) => {
  const { naming: one } = naming(known);
  expect([patternText(one.now), one.mayLearn, one.isProven]).toEqual([now, mayLearn, isProven]);
});

test('what is learned holds, and is noted with the first output alone', async () => {
  const { naming: one, notes } = naming();
  one.learn(ENDING);
  expect(notes).toEqual([]);
  await one.confirm();
  await one.confirm();
  expect(notes).toEqual(['{stem}_t{ext}']);
  expect([patternText(one.now), one.mayLearn, one.isProven]).toEqual(['{stem}_t{ext}', false, true]);
});

test('own names are no news; where another name was noted they are', async () => {
  const first = naming();
  await first.naming.confirm();
  expect(first.notes).toEqual([]);
  const second = naming({ given: OWN_NAMES, noted: ENDING });
  await second.naming.confirm();
  expect(second.notes).toEqual(['{stem}{ext}']);
});
