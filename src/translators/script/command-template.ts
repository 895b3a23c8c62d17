import { parseArgsStringToArgv } from 'string-argv';
import { nearest } from '../../model/nearest.ts';
import { usageError } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import type { BatchFolders } from '../translator.ts';

const NAMES = ['input', 'output', 'gpu', 'slot'] as const;
const PLACEHOLDER = new RegExp(`\\{(${NAMES.join('|')})\\}`, 'g');
/** `${name}` is a shell's. */
const ANY_PLACEHOLDER = /(?<!\$)\{([a-z]+)\}/g;

/** A `--command` template in words, as a shell would split it; nothing else that shells do happens to it. */
export interface CommandTemplate {
  readonly words: readonly string[];
}

/** @throws Refusal for a template without a program or `{input}`, with an unknown placeholder or an unclosed quote */
export function parseTemplate(text: string): CommandTemplate {
  const [open] = /["']/.exec(text.replace(/"[^"]*"|'[^']*'/g, '')) ?? [];
  if (open !== undefined) throw usageError(`--command: a quote (${open}) is not closed`);
  const words = parseArgsStringToArgv(text);
  if (words.length === 0) throw usageError('--command: it contains no program');
  for (const [, name = ''] of text.matchAll(ANY_PLACEHOLDER)) refuseUnknown(name);
  if (!words.some((word) => word.includes('{input}'))) {
    throw usageError(
      '--command: {input} is missing',
      "it stands for the folder with the pages: --command 'my-translator --in {input} --out {output}'",
    );
  }
  return { words };
}

function refuseUnknown(name: string): void {
  if (NAMES.some((known) => known === name)) return;
  const meant = nearest(name, NAMES);
  const hint = meant === undefined ? '' : `; did you mean {${meant}}?`;
  throw usageError(
    `--command: {${name}} is not a placeholder${hint}`,
    `placeholders: ${NAMES.map((known) => `{${known}}`).join(' ')}`,
  );
}

/** True where the template says where outputs go; else they are taken from `{input}-translated`. */
export const namesOutput = ({ words }: CommandTemplate): boolean =>
  words.some((word) => word.includes('{output}'));

/** The words with the batch's folders and the slot put in: in one pass, whatever those hold. */
export function fillTemplate(
  { words }: CommandTemplate,
  { input, output }: BatchFolders,
  slot: Slot,
): string[] {
  const values: Readonly<Record<string, string>> = {
    input,
    output,
    gpu: slot.gpu?.visibleAs ?? 'cpu',
    slot: slot.id,
  };
  return words.map((word) => word.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole));
}
