import { expect, test } from 'vitest';
import { cannotRun } from '../../../../src/model/refusal.ts';
import { startDriver } from '../../../../src/workers/hosts/ray/start-driver.ts';

test('where no more files can be opened, that is what is said', () => {
  const assertFiles = (): void => {
    throw cannotRun('too many open files: ulimit -n is 40', 'raise it');
  };
  const around = { env: {}, redact: (text: string) => text, assertFiles };
  expect(() => startDriver(process.execPath, around)).toThrow('too many open files');
});
