import { expect, test } from 'vitest';
import { errorCode, errorMessage } from '../../src/model/error-code.ts';

const systemError = (code: string, errno: number, message: string): Error =>
  Object.assign(new Error(message), { code, errno });

// As Node gives them where its libuv has no name for an error.
test.skipIf(process.platform !== 'linux').each([
  [-122, 'EDQUOT', 'disk quota exceeded'],
  [-116, 'ESTALE', 'stale file handle'],
  [-117, 'EUCLEAN', 'structure needs cleaning'],
  [-121, 'EREMOTEIO', 'remote I/O error'],
  [-76, 'ENOTUNIQ', 'name not unique on network'],
  [-127, 'EKEYEXPIRED', 'key has expired'],
])('error %i is %s', (errno, code, words) => {
  const unknown = `Unknown system error ${errno}`;
  const error = systemError(unknown, errno, `${unknown}: ${unknown}, rename '/a' -> '/b'`);
  expect(errorCode(error)).toBe(code);
  expect(errorMessage(error)).toBe(`${code}: ${words}, rename '/a' -> '/b'`);
  const written = systemError('UNKNOWN', errno, 'UNKNOWN: unknown error, write');
  expect(errorCode(written)).toBe(code);
  expect(errorMessage(written)).toBe(`${code}: ${words}, write`);
});

test('every other error is as Node words it', () => {
  const error = systemError('ENOENT', -2, "ENOENT: no such file or directory, open '/a'");
  expect(errorCode(error)).toBe('ENOENT');
  expect(errorMessage(error)).toBe("ENOENT: no such file or directory, open '/a'");
  const odd = systemError('Unknown system error -999', -999, 'Unknown system error -999: odd');
  expect(errorCode(odd)).toBe('Unknown system error -999');
  expect(errorMessage(odd)).toBe('Unknown system error -999: odd');
  expect(errorCode(new Error('EDQUOT'))).toBeUndefined();
  expect(errorMessage('text')).toBe('text');
});
