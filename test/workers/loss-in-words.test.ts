import { expect, test } from 'vitest';
import { lossInWords, type WorkerEnd } from '../../src/workers/worker-end.ts';

const exit = (code: number): WorkerEnd => ({ by: 'exit', code });
const signal = (name: NodeJS.Signals): WorkerEnd => ({ by: 'signal', signal: name });

test.each<[WorkerEnd, string[], string]>([
  [exit(139), ['loading model'], 'crashed with SIGSEGV (exit code 139); last output: loading model'],
  [exit(134), [], 'crashed with SIGABRT (exit code 134)'],
  [signal('SIGSEGV'), ['page 3'], 'crashed with SIGSEGV; last output: page 3'],
  [exit(137), ['page 3'], 'ended by SIGKILL (exit code 137); last output: page 3'],
  [signal('SIGKILL'), ['Error: no more memory', 'bye'], 'ended by SIGKILL: Error: no more memory'],
  [exit(1), ['loading', 'ValueError: bad page'], 'exit code 1: ValueError: bad page'],
  [exit(1), ['loading'], 'exit code 1; last output: loading'],
  [exit(255), [], 'exit code 255'],
])('%j after %j', (end, lines, words) => {
  expect(lossInWords(end, lines)).toBe(words);
});
