import { expect, test } from 'vitest';
import { outputAmong, scriptAmong } from '../../src/pages/meant-otherwise.ts';

test('the last of several inputs may be the folder for outputs', () => {
  expect(outputAmong(['in', 'my out'])).toBe(
    "If my out is where translated pages go: mgpu-translate run in -o 'my out'",
  );
  expect(outputAmong(['a', 'b', 'out'])).toMatch(/run a b -o out$/);
  expect(outputAmong(['in'])).toBeUndefined();
  expect(outputAmong(['a.cbz', 'b.cbz'])).toBeUndefined();
  expect(outputAmong(['a.png', 'b.png'])).toBeUndefined();
  expect(outputAmong(Array.from({ length: 9 }, (_none, at) => `ch${at}`))).toBeUndefined();
});

test('a script among the inputs is the translator', () => {
  expect(scriptAmong(['./tr.py'])).toBe(
    './tr.py is a program, no page: mgpu-translate run ./input -t ./tr.py',
  );
  expect(scriptAmong(['in', 'tr.py'])).toMatch(/run in -t tr\.py$/);
  expect(scriptAmong(['in', './tr.sh'])).toMatch(/run in --command '\.\/tr\.sh \{input\} \{output\}'$/);
  expect(scriptAmong(['in', 'a.png'])).toBeUndefined();
});
