import { expect, test } from 'vitest';
import { tellsOutOfMemory } from '../../src/translators/out-of-memory.ts';

test.each([
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 13.42 GiB. GPU 0 has a total capacity of 6.00 GiB',
  'RuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB',
  'ERROR: [local] torch.cuda.OutOfMemoryError: CUDA out of memory.',
  'Failed to allocate memory for requested buffer of size 1073741824',
])('knows out of memory: %s', (line) => {
  expect(tellsOutOfMemory(['before', line])).toBe(true);
});

test('a page about memory is not out of memory', () => {
  expect(tellsOutOfMemory(['Translating: "memory/out of memory lane.png"'])).toBe(false);
});
