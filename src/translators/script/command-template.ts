import path from 'node:path';
import { commandWords, fillWords } from '../../model/command-words.ts';
import { usageError } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import type { BatchFolders } from '../translator.ts';

const NAMES = ['input', 'output', 'page', 'pageOutput', 'gpu', 'gpuIndex', 'slot'] as const;
/** The number of no GPU, as programs take it that have a number for their GPU. */
const NO_GPU = -1;

/** A `--command` template in words, as a shell would split it; nothing else that shells do happens to it. */
export interface CommandTemplate {
  readonly words: readonly string[];
}

/**
 * @throws Refusal for a template without a program or without `{input}` and `{page}`, with an unknown placeholder or an
 * unclosed quote
 */
export function parseTemplate(text: string): CommandTemplate {
  const words = commandWords(text, NAMES);
  if ('problem' in words) throw usageError(`--command: ${words.problem}`, words.hint);
  const template = { words };
  if (!holds(template, '{input}') && !takesPage(template)) {
    throw usageError(
      '--command: {input} is missing',
      "it stands for the folder with the pages: --command 'my-translator --in {input} --out {output}'; a program that takes one page: {page}",
    );
  }
  return template;
}

const holds = ({ words }: CommandTemplate, placeholder: string): boolean =>
  words.some((word) => word.includes(placeholder));

/** True where the template says where outputs go; else they are taken from `{input}-translated`. */
export const namesOutput = (template: CommandTemplate): boolean =>
  holds(template, '{output}') || namesPageOutput(template);

/** True where the template names the one page of its batch, so that it has to be a batch of one. */
export const takesPage = (template: CommandTemplate): boolean =>
  holds(template, '{page}') || namesPageOutput(template);

/** True where the template says how the output of its page is called. */
export const namesPageOutput = (template: CommandTemplate): boolean => holds(template, '{pageOutput}');

/** What is put into a template. */
interface Filling {
  readonly batch: BatchFolders;
  readonly slot: Slot;
  /** The name of a page's output in the batch. */
  readonly outputName: (page: string) => string;
}

/** The words with the batch's folders, its page and the slot put in: in one pass, whatever those hold. */
export function fillTemplate(
  { words }: CommandTemplate,
  { batch, slot, outputName }: Filling,
): readonly string[] {
  const { input, output, page = '' } = batch;
  const values: Readonly<Record<(typeof NAMES)[number], string>> = {
    input,
    output,
    page: path.join(input, page),
    pageOutput: path.join(output, outputName(page)),
    gpu: slot.gpu?.visibleAs ?? 'cpu',
    gpuIndex: String(slot.gpu?.index ?? NO_GPU),
    slot: slot.id,
  };
  return fillWords(words, values);
}
