import { expect, test } from 'vitest';
import { keptMessage, keptName, LONGEST_MESSAGE, LONGEST_NAME } from '../../src/model/kept-text.ts';

const redact = (text: string): string => text.replaceAll('s3cret', '[redacted]');

test('keeps a message as it is, and of a long one the beginning and the end', () => {
  expect(keptMessage('Error: s3cret', redact)).toBe('Error: [redacted]');
  for (const length of [9000, 900_000]) {
    const kept = keptMessage(`Traceback${'x'.repeat(length)}ValueError: no`, redact);
    expect(kept.length).toBeLessThan(LONGEST_MESSAGE + 100);
    expect(kept).toMatch(/^Traceback.* … \[\d+ characters left out\] … .*ValueError: no$/);
  }
});

test('no part of a secret that stands across a cut is kept', () => {
  for (let at = 0; at < 20_000; at += 3) {
    const text = `${'x'.repeat(at)}s3cret${'y'.repeat(20_000 - at)}`;
    expect(keptMessage(text, redact)).not.toMatch(/s3c|cret/);
    expect(keptName(text, redact)).not.toMatch(/s3c|cret/);
  }
});

test('a name is at most 200 characters', () => {
  expect(keptName('ocr', redact)).toBe('ocr');
  expect(keptName('x'.repeat(300_000), redact)).toHaveLength(LONGEST_NAME);
});
