import { execa } from 'execa';
import { expect, test } from 'vitest';
import { SHELLS } from '../../src/cli/commands.ts';
import { completionScript } from '../../src/cli/completion.ts';

const isInstalled = async (shell: string) =>
  (await execa(shell, ['-c', 'exit 0'], { reject: false })).exitCode === 0;

test.each(SHELLS)('%s finds no fault in its script, where it is installed', async (shell) => {
  const script = completionScript(shell);
  expect(script).toContain('workers-per-gpu');
  if (!(await isInstalled(shell))) return;
  const { exitCode, stderr } = await execa(shell, ['-n'], { input: script, reject: false });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

const ASK = [
  'eval "$1"; shift',
  'COMP_CWORD=$(($# - 1)); COMP_WORDS=("$@")',
  '_mgpu_translate',
  'for word in "$' + '{COMPREPLY[@]}"; do echo "$word"; done',
].join('\n');

const bashWords = async (...words: string[]): Promise<string[]> => {
  const { stdout } = await execa('bash', [
    '-c',
    ASK,
    'bash',
    completionScript('bash'),
    'mgpu-translate',
    ...words,
  ]);
  return stdout.split('\n').filter(Boolean);
};

test('bash completes commands, flags and values, and leaves the rest to files', async () => {
  expect(await bashWords('r')).toEqual(['run', 'report']);
  expect(await bashWords('run', '--max-')).toEqual([
    '--max-pages-per-worker',
    '--max-worker-memory',
    '--max-time',
    '--max-cost',
  ]);
  expect(await bashWords('run', '-s', '')).toEqual(['auto', 'even', 'balanced', 'dynamic', 'vram']);
  expect(await bashWords('run', '--strategy', '=', 'e')).toEqual(['even']);
  expect(await bashWords('run', '--strategy', '=')).toEqual(['auto', 'even', 'balanced', 'dynamic', 'vram']);
  expect(await bashWords('completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await bashWords('run', '--output', '')).toEqual([]);
  expect(await bashWords('run', './in', '--', '--')).toEqual([]);
});

test('offers only the commands that there are', () => {
  expect(completionScript('fish', ['run'])).not.toContain('doctor');
});
