import { parseArgsStringToArgv } from 'string-argv';
import type { Slot } from '../../gpus/gpu.ts';
import { usageError } from '../../refusal.ts';
import type { BatchFolders } from '../translator.ts';

const PLACEHOLDER = /\{(input|output|gpu|slot)\}/g;

/** A `--command` template in words, as a shell would split it; nothing else that shells do happens to it. */
export interface CommandTemplate {
  readonly words: readonly string[];
}

/** @throws Refusal for a template without a program or without `{input}` */
export function parseTemplate(text: string): CommandTemplate {
  const words = parseArgsStringToArgv(text);
  if (words.length === 0) throw usageError('--command: there is no program in it');
  if (!words.some((word) => word.includes('{input}'))) {
    throw usageError(
      `--command ${text}: {input} is missing`,
      "the pages' folder stands for it: --command 'my-translator --in {input} --out {output}'",
    );
  }
  return { words };
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
