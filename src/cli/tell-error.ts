import { redactor } from '../model/redact.ts';
import { paintFor } from '../report/colours.ts';
import { wordError } from './word-refusal.ts';

const { env, stderr } = process;
const templates = [env.MGPU_COMMAND, env.MGPU_ON_FINISH].filter((text) => text !== undefined);

/** Knows no options yet: what they hold is taken out where they are read. */
export const redact = redactor(env, { args: process.argv.slice(2), templates });

/** Says on stderr why a command ended with an exception. Gives the exit code. */
export function tellError(error: unknown): number {
  const setting = { paint: paintFor(stderr, env), debug: env.MGPU_DEBUG === '1', redact };
  const { text, exitCode } = wordError(error, setting);
  stderr.write(text);
  return exitCode;
}
