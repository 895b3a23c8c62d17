import { Refusal } from '../refusal.ts';
import type { Paint } from '../report/colours.ts';
import { escapeControls } from '../report/escape.ts';

/**
 * What stderr says when a command ends with an exception, and the exit code. A Refusal: what happened, and what to do
 * now. Anything else is a bug: one line, what to send, and its stack where MGPU_DEBUG is set.
 */
export const wordError = (
  error: unknown,
  { paint, debug }: { readonly paint: Paint; readonly debug: boolean },
): { readonly text: string; readonly exitCode: number } => {
  if (error instanceof Refusal) {
    const lines = [`${paint.red('error:')} ${safeLines(error.message)}`];
    if (error.hint !== undefined) lines.push(`${paint.dim('hint:')} ${safeLines(error.hint)}`);
    return { text: `${lines.join('\n')}\n`, exitCode: error.exitCode };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = debug && error instanceof Error && error.stack ? `${safeLines(error.stack)}\n` : '';
  const hint = debug
    ? 'please report these lines where you got mgpu-translate from'
    : 'run it again with MGPU_DEBUG=1, and please report what it says where you got mgpu-translate from';
  return {
    text: `${paint.red('error:')} this is a bug in mgpu-translate: ${escapeControls(message)}\n${stack}${paint.dim('hint:')} ${hint}\n`,
    exitCode: BUG_EXIT_CODE,
  };
};

/** The run could not go on; a bug is no wrong usage and says nothing about pages. */
const BUG_EXIT_CODE = 3;

/** Line ends are meant (a child's last words); no other control character is. */
const safeLines = (text: string): string => text.split('\n').map(escapeControls).join('\n');
