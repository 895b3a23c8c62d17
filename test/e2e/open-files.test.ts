import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMPILED } from '../fixtures/compiled.ts';
import { CLI_WORDS, ledgerOf } from './process.ts';
import type { Place } from './rig.ts';
import { FAKE_WORKER, pagesTo, warmPlace } from './warm.ts';

const SECRET = 'sk-in-the-environment-1234';
const WARM = ['-t', FAKE_WORKER];
const SCRIPT = ['--command', 'python3 translate.py --input {input} --output {output}'];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the launcher where so many files may be open at one time. */
function under(limit: number, place: Place, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['-c', `ulimit -n ${limit}; exec "$@"`, 'bash', ...CLI_WORDS, ...args],
      {
        cwd: place.root,
        env: { PATH: process.env.PATH ?? '', HOME: place.root, ...COMPILED, OPENAI_API_KEY: SECRET },
        timeout: 60_000,
      },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

const run = (limit: number, place: Place, args: readonly string[]): Promise<Ended> =>
  under(limit, place, [
    'run',
    'input',
    '-g',
    'cpu',
    '--reporter',
    'none',
    ...args,
    '--',
    '--api-key',
    SECRET,
  ]);

function expectNoStack({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/^\s+at |spawnargs|node:internal/m);
  expect(stdout + stderr).not.toContain(SECRET);
}

test('eight workers under a limit that they can never have are refused, and nothing is left behind', async () => {
  const place = await warmPlace({ pages: pagesTo(12) });
  for (const args of [WARM, ['--command', 'true {input}']]) {
    const ended = await run(44, place, ['-w', '8', ...args]);
    expectNoStack(ended);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/^error: 8 workers need about \d+ open files, and ulimit -n is 44$/m);
    expect(ended.stderr).toMatch(/^hint: raise it \(ulimit -n 4096\), or start fewer workers: -w/m);
  }
  await expect(ledgerOf(place)).rejects.toThrow('ENOENT');
});

// At some of these limits the run gets through, at others a pipe, a thread, a log or an output can't be opened.
test.each([
  { name: 'warm', args: WARM, limits: [32, 34, 36] },
  { name: 'warm, 8 workers', args: [...WARM, '-w', '8'], limits: [60, 62, 64] },
  { name: 'one-shot', args: SCRIPT, limits: [31, 33] },
  { name: 'one-shot, 8 workers', args: [...SCRIPT, '-w', '8'], limits: [52] },
])('$name: at the edge a run ends well or says which limit it met, and no page pays', async (setup) => {
  for (const limit of setup.limits) {
    const place = await warmPlace({ pages: pagesTo(12), script: true });
    const ended = await run(limit, place, setup.args);
    expectNoStack(ended);
    const outcomes = await ledgerOf(place).then(
      (ledger) => [...ledger.values()].map(({ outcome }) => outcome),
      () => [],
    );
    expect(new Set([...outcomes, 'translated'])).toEqual(new Set(['translated']));
    if (ended.code === 0) expect(outcomes).toHaveLength(12);
    else {
      expect(ended.code).toBe(3);
      expect(ended.stdout + ended.stderr).toContain(`too many open files: ulimit -n is ${limit}`);
    }
  }
});

test('no other command shows a stack either', async () => {
  const place = await warmPlace({ pages: ['1.png'] });
  const commands = [
    ['gpus'],
    ['doctor', 'input', '-g', 'cpu', ...WARM],
    ['plan', 'input', '-g', 'cpu', ...WARM],
  ];
  for (const limit of [20, 26])
    for (const command of commands) {
      const ended = await under(limit, place, command);
      expectNoStack(ended);
      if (ended.code !== 0) {
        expect(ended.code).toBe(3);
        expect(ended.stdout + ended.stderr).toContain(`ulimit -n is ${limit}`);
      }
    }
});
