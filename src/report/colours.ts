import * as colours from 'yoctocolors';
import type { OutputStream } from './output.ts';

/** Colours of one stream; each function leaves the text as it is where there are none. */
export type Paint = Record<'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan', (text: string) => string>;

const asItIs = (text: string): string => text;

/** No colours at all. */
export const PLAIN_PAINT: Paint = {
  bold: asItIs,
  dim: asItIs,
  red: asItIs,
  yellow: asItIs,
  green: asItIs,
  cyan: asItIs,
};

/** Colours where the stream is a terminal and NO_COLOR is empty or missing; `wanted` decides where it is given. */
export function paintFor(
  stream: OutputStream,
  env: Readonly<NodeJS.ProcessEnv>,
  wanted?: boolean | undefined,
): Paint {
  const on = wanted ?? (stream.isTTY === true && (env.NO_COLOR ?? '') === '');
  if (!on) return PLAIN_PAINT;
  const { bold, dim, red, yellow, green, cyan } = colours;
  return { bold, dim, red, yellow, green, cyan };
}
