import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test, vi } from 'vitest';
import { makeFolder } from '../../src/pages/make-folder.ts';
import { tempFolder } from './temp-folder.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, mkdir: vi.fn(real.mkdir) };
});

test('a folder whose parent another run has just made again is no refused name', async () => {
  const folder = path.join(await tempFolder(), 'state');
  const missing = Object.assign(new Error('no such file or directory'), { code: 'ENOENT', syscall: 'mkdir' });
  vi.mocked(mkdir).mockRejectedValueOnce(missing);
  expect(await makeFolder(folder)).toBe(folder);
});
