import { expect, test } from 'vitest';
import { Refusal } from '../../../src/model/refusal.ts';
import { parseTemplate } from '../../../src/translators/script/command-template.ts';

function refusalOf(text: string): Refusal | undefined {
  try {
    parseTemplate(text);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  return undefined;
}

test.each([
  ['', '--command: it contains no program'],
  ['tr --api-key secret-1', '--command: {input} is missing'],
  ['tr {input} {out}', '--command: {out} is not a placeholder; did you mean {output}?'],
  ['tr {inptu}', '--command: {inptu} is not a placeholder; did you mean {input}?'],
  ['tr --in {input} --x={folder}', '--command: {folder} is not a placeholder'],
  ["tr {input} 'it is", "--command: a quote (') is not closed"],
  ['tr {input} --say "it\'s', '--command: a quote (") is not closed'],
])('%j is refused', (text, message) => {
  expect(refusalOf(text)).toMatchObject({ exitCode: 2, message });
});

test.each([
  ['tr --in {input} --out {output} --on {gpu} --as {slot}', 9],
  ['tr {input} "it\'s"', 3],
  [`sh -c 'tr "$0" $\{lang} {X} {1}' {input}`, 4],
])('%j is taken', (text, words) => {
  expect(parseTemplate(text).words).toHaveLength(words);
});
