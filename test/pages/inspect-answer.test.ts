import path from 'node:path';
import { expect, test } from 'vitest';
import { answerTo } from '../../src/pages/inspect-answer.ts';
import { fill, tempFolder } from './temp-folder.ts';

test('what no reader is prepared for costs its page alone; what the system says of the disk is thrown on', async () => {
  const folder = await tempFolder();
  await fill(folder, ['a.png', 'file']);
  const job = { path: path.join(folder, 'a.png') };
  const odd = {
    get path(): string {
      throw new TypeError('x is undefined');
    },
  };
  expect(answerTo({ ask: 'probe', jobs: [odd, { path: folder }], how: { measure: true } }).found).toEqual([
    { ok: false, message: 'checking it failed: x is undefined' },
    { ok: false, message: 'a link to a folder, with the name of an image' },
  ]);
  const linked = { ...job, link: path.join(folder, 'file/x/a.png') };
  expect(() => answerTo({ ask: 'probe', jobs: [linked], how: { measure: false } })).toThrow('ENOTDIR');
});
