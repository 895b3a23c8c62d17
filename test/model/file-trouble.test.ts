import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fileTrouble } from '../../src/model/file-trouble.ts';
import { Refusal } from '../../src/model/refusal.ts';

const errorOf = (act: Promise<unknown>): Promise<unknown> => act.catch((error: unknown) => error);

test('what the system says of a file is no bug', async () => {
  for (const act of [() => readFile('/none/at/all'), () => readFile('/'), () => rm('/proc')]) {
    const refusal = fileTrouble(await errorOf(act()));
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal?.exitCode).toBe(3);
  }
  expect(fileTrouble(await errorOf(readFile('/none/at/all')))?.message).toContain("'/none/at/all'");
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
  expect(fileTrouble(full)?.message).toBe('ENOSPC: no space left');
  const short = Object.assign(new Error('ENOMEM: not enough memory'), { code: 'ENOMEM', syscall: 'read' });
  expect(fileTrouble(short)?.message).toBe('ENOMEM: not enough memory');
});

test('everything else is', async () => {
  const [notStarted] = await once(spawn('/none/at/all', ['--api-key', 'x']), 'error');
  const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
  for (const error of [notStarted, broken, new TypeError('x is not a function'), 'text', undefined]) {
    expect(fileTrouble(error)).toBeUndefined();
  }
});
