import { homedir } from 'node:os';
import path from 'node:path';
import { withHomeIn } from '../model/command-words.ts';
import { escapeControls } from '../model/escape-controls.ts';
import { redactor } from '../model/redact.ts';
import type { RunOptions } from '../model/run-options.ts';
import { paintFor } from '../report/colours.ts';
import { finishCommand } from '../report/finish-command.ts';
import type { RunSummary } from '../report/run-summary.ts';
import { callProgram } from './call-program.ts';

const LONGEST_MS = 30_000;
const STDERR = 2;

/**
 * Calls the command of `--on-finish`, where there is one, and gives it the summary as JSON. Its output goes to stderr, and a line
 * about its failure, which changes nothing else.
 */
export async function callOnFinish(
  { onFinish, output }: Pick<RunOptions, 'onFinish' | 'output'>,
  summary: RunSummary,
): Promise<void> {
  if (onFinish === undefined) return;
  const { env, stderr } = process;
  const words = finishCommand(onFinish, { ...summary, output: output && path.resolve(output) });
  const trouble = await callProgram(withHomeIn(words, env.HOME || homedir()), {
    env,
    cwd: process.cwd(),
    input: `${JSON.stringify(summary)}\n`,
    output: STDERR,
    timeoutMs: LONGEST_MS,
  });
  if (trouble === undefined) return;
  const { text } = redactor(env, { templates: [onFinish] });
  stderr.write(`${paintFor(stderr, env).yellow('warning:')} --on-finish: ${escapeControls(text(trouble))}\n`);
}
