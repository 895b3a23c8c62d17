import { escapeControls } from '../model/escape-controls.ts';
import { tooManyOpenFiles } from '../model/open-files.ts';
import type { Redactor } from '../model/redact.ts';
import { Refusal } from '../model/refusal.ts';
import type { Paint } from '../report/colours.ts';
import { escapeLines } from '../report/escape.ts';

interface WordSetting {
  readonly paint: Paint;
  /** True: with the stack of a bug. */
  readonly debug: boolean;
  /** Takes secrets out of the words. */
  readonly redact?: Pick<Redactor, 'error'>;
}

/**
 * What stderr says when a command ends with an exception, and the exit code. A Refusal: what happened, and what to do
 * now. Anything else is a bug: one line, what to send, and its stack where MGPU_DEBUG is set.
 */
export function wordError(
  error: unknown,
  { paint, debug, redact }: WordSetting,
): { readonly text: string; readonly exitCode: number } {
  const clean = tooManyOpenFiles(error) ?? redact?.error(error) ?? error;
  if (clean instanceof Refusal) {
    const { message, details, hint, exitCode } = clean;
    const lines = [`${paint.red('error:')} ${message}`, ...details.map((line) => `  | ${line}`)];
    if (hint !== undefined) lines.push(`${paint.dim('hint:')} ${hint}`);
    return { text: `${lines.join('\n')}\n`, exitCode };
  }
  const message = clean instanceof Error ? `${clean.name}: ${clean.message}` : String(clean);
  const stack = debug && clean instanceof Error && clean.stack ? `${escapeLines(clean.stack)}\n` : '';
  const hint = debug
    ? 'please report this to whoever you got mgpu-translate from'
    : 'run it again with MGPU_DEBUG=1, and please report the output to whoever you got mgpu-translate from';
  return {
    text: `${paint.red('error:')} this is a bug in mgpu-translate: ${escapeControls(message)}\n${stack}${paint.dim('hint:')} ${hint}\n`,
    exitCode: BUG_EXIT_CODE,
  };
}

/** The run could not go on; a bug is no wrong usage and says nothing about pages. */
const BUG_EXIT_CODE = 3;
