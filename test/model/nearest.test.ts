import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../src/model/nearest.ts';

test('suggests what was begun or mistyped, and nothing far away', () => {
  const names = ['even', 'balanced', 'dynamic'];
  expect(nearest('evn', names)).toBe('even');
  expect(nearest('bal', names)).toBe('balanced');
  expect(nearest('Dynamc', names)).toBe('dynamic');
  expect(nearest('vram', names)).toBeUndefined();
});

test('two neighbouring letters that changed places are one slip of the keys', () => {
  expect(nearest('rnu', ['run', 'plan'])).toBe('run');
  expect(nearest('urn', ['run', 'plan'])).toBe('run');
  expect(nearest('rn', ['run', 'plan'])).toBe('run');
  expect(nearest('nur', ['run', 'plan'])).toBeUndefined();
});

test('words a suggestion, and says nothing where there is none', () => {
  expect(didYouMean('evn', ['even'])).toBe('; did you mean even?');
  expect(didYouMean('evn', ['vram'])).toBe('');
});

test('a word of any length costs nothing', () => {
  const candidates = Array.from({ length: 1000 }, (_none, at) => `page-${at}-${'x'.repeat(200)}.png`);
  const { user } = process.cpuUsage();
  expect(nearest('page'.repeat(250_000), candidates)).toBeUndefined();
  expect((process.cpuUsage().user - user) / 1000).toBeLessThan(500);
});
