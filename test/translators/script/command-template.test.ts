import { expect, test } from 'vitest';
import { Refusal } from '../../../src/model/refusal.ts';
import { fillTemplate, parseTemplate } from '../../../src/translators/script/command-template.ts';

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
  ['tr {pages}', '--command: {pages} is not a placeholder; did you mean {page}?'],
  ['tr {input} -g {gpuindex}', '--command: {gpuindex} is not a placeholder; did you mean {gpuIndex}?'],
  ['tr {page} {pageOutputs}', '--command: {pageOutputs} is not a placeholder; did you mean {pageOutput}?'],
  ["tr {input} 'it is", "--command: a quote (') is not closed"],
  ['tr {input} --say "it\'s', '--command: a quote (") is not closed'],
])('%j is refused', (text, message) => {
  expect(refusalOf(text)).toMatchObject({ exitCode: 2, message });
});

test.each([
  ['tr --in {input} --out {output} --on {gpu} --as {slot}', 9],
  ['tr {input} "it\'s"', 3],
  ['tr {page} -o {pageOutput} -g {gpuIndex}', 6],
  ['tr --save-to {pageOutput} {page}', 4],
  ["node -e 'const {someThing} = x' {input}", 4],
  [`sh -c 'tr "$0" $\{lang} {X} {1}' {input}`, 4],
])('%j is taken', (text, words) => {
  expect(parseTemplate(text).words).toHaveLength(words);
});

const GPU = { index: 3, vendor: 'nvidia' as const, visibleAs: 'GPU-7' };

test.each([
  [
    'of a GPU',
    { id: 'gpu3-0', gpu: GPU },
    ['tr', '/w/in/a/1.png', '/w/out/a/1.webp', '/w/in', '/w/out', 'GPU-7', '3', 'gpu3-0'],
  ],
  [
    'of no GPU',
    { id: 'cpu-0', gpu: null },
    ['tr', '/w/in/a/1.png', '/w/out/a/1.webp', '/w/in', '/w/out', 'cpu', '-1', 'cpu-0'],
  ],
])('placeholders are filled for a slot %s, each once', (_, slot, words) => {
  const template = parseTemplate('tr {page} {pageOutput} {input} {output} {gpu} {gpuIndex} {slot}');
  const batch = { input: '/w/in', output: '/w/out', page: 'a/1.png' };
  const outputName = (page: string) => page.replace('.png', '.webp');
  expect(fillTemplate(template, { batch, slot, outputName })).toEqual(words);
});

test('what a name holds is no placeholder', () => {
  const batch = { input: '/w/{output}', output: '/w/out', page: '{slot}.png' };
  const slot = { id: 'cpu-0', gpu: null };
  const filled = fillTemplate(parseTemplate('tr {page} {input}'), {
    batch,
    slot,
    outputName: (page) => page,
  });
  expect(filled).toEqual(['tr', '/w/{output}/{slot}.png', '/w/{output}']);
});
