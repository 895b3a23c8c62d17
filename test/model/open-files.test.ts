import { expect, test } from 'vitest';
import { assertFilesFor, tooManyOpenFiles, unlessOutOfFiles } from '../../src/model/open-files.ts';
import { Refusal } from '../../src/model/refusal.ts';

const failed = (code: string): Error => Object.assign(new Error(`${code}: x`), { code });

test.each([
  {
    workers: 8,
    kind: 'warm',
    limit: 44,
    says: /^8 workers need about 60 open files, and ulimit -n is 44$/,
    most: 4,
  },
  { workers: 8, kind: 'one-shot', limit: 44, says: /^8 workers need about 52 /, most: 5 },
  { workers: 1, kind: 'warm', limit: 31, says: /^1 worker needs about 32 /, most: undefined },
] as const)(
  '$workers $kind workers under a limit of $limit are refused',
  ({ workers, kind, limit, says, most }) => {
    const attempt = (): void => assertFilesFor(workers, { kind, limit });
    expect(attempt).toThrow(says);
    try {
      attempt();
    } catch (error) {
      const { exitCode, hint } = error as Refusal;
      expect(exitCode).toBe(3);
      expect(hint).toContain('ulimit -n 4096');
      if (most === undefined) expect(hint).not.toContain('at most');
      else expect(hint).toContain(`at most ${most} in all`);
    }
  },
);

test('enough is enough, and no limit is none', () => {
  for (const limit of [60, 1024, undefined]) assertFilesFor(8, { kind: 'warm', limit });
});

test('only an error that says that no more files can be opened is one', () => {
  expect(tooManyOpenFiles(failed('EMFILE'))).toBeInstanceOf(Refusal);
  expect(tooManyOpenFiles(failed('ENFILE'))?.message).toContain('on this machine');
  for (const other of [failed('ENOENT'), new Error('EMFILE'), 'EMFILE', undefined])
    expect(tooManyOpenFiles(other)).toBeUndefined();
});

test('an answer that stands for any other error does not stand for this one', async () => {
  expect(await Promise.reject(failed('ENOENT')).catch(unlessOutOfFiles('none'))).toBe('none');
  await expect(Promise.reject(failed('EMFILE')).catch(unlessOutOfFiles('none'))).rejects.toThrow('ulimit -n');
});
