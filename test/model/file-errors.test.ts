import { expect, test } from 'vitest';
import { patiently, patientlySync, readingTrouble, writingTrouble } from '../../src/model/file-errors.ts';

const errorOf = (code: string): Error => Object.assign(new Error(code), { code });

/** Fails with each of these codes in turn, then answers how often it was called. */
function failing(...codes: readonly string[]): () => number {
  let calls = 0;
  return () => {
    const code = codes[calls++];
    if (code !== undefined) throw errorOf(code);
    return calls;
  };
}

test('what passes within half a second is no trouble, and what does not is told', async () => {
  const passing = ['EBUSY', 'ETIMEDOUT', 'ESTALE'];
  const act = failing(...passing);
  expect(await patiently(async () => act())).toBe(4);
  expect(patientlySync(failing('EAGAIN', 'EINTR'))).toBe(3);
  const always = failing(...passing, 'EBUSY');
  await expect(patiently(async () => always())).rejects.toMatchObject({ code: 'EBUSY' });
});

test('what does not pass is told immediately', async () => {
  for (const code of ['ENOENT', 'ENOSPC', 'EDQUOT', 'EIO', 'EACCES']) {
    const act = failing(code);
    await expect(patiently(async () => act())).rejects.toMatchObject({ code });
    expect(act()).toBe(2);
    expect(() => patientlySync(failing(code))).toThrow(code);
  }
});

test('a full, lost or damaged disk is no page’s trouble; a right, a name or what is in the way may be', () => {
  const ofDisk = 'ENOSPC EDQUOT EROFS EIO ESTALE ETIMEDOUT ENOTCONN EHOSTDOWN EREMOTEIO EUCLEAN EKEYEXPIRED';
  for (const code of ofDisk.split(' ')) expect(writingTrouble(errorOf(code)), code).toBeDefined();
  for (const code of ['EACCES', 'EPERM', 'EINVAL', 'ENAMETOOLONG', 'ENOENT', 'EISDIR', 'EBUSY'])
    expect(writingTrouble(errorOf(code)), code).toBeUndefined();
  expect(readingTrouble(errorOf('ESTALE'))).toBe('the network disk lost it (stale file handle)');
  expect(readingTrouble(errorOf('ENOSPC'))).toBeUndefined();
});
