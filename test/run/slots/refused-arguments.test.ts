import { expect, test } from 'vitest';
import type { Refusal } from '../../../src/model/refusal.ts';
import { hearWhyNothing } from '../../../src/run/slots/made-instead.ts';
import { parseTemplate } from '../../../src/translators/script/command-template.ts';
import { ScriptTranslator } from '../../../src/translators/script/script.ts';
import type { WorkerEnd } from '../../../src/workers/worker-end.ts';

const REFUSED = 'tr.py: error: unrecognized arguments: --input --output';

/** Told of a child's end that made no output: why the run ends, or what the user is told while it goes on. */
async function heard(
  lastLines: readonly string[],
  {
    end = { by: 'exit', code: 2 },
    named = [],
    hasMade = false,
  }: { end?: WorkerEnd; named?: readonly string[]; hasMade?: boolean } = {},
): Promise<{ readonly ends?: readonly string[]; readonly told?: string }> {
  const translator = new ScriptTranslator({
    name: 'tr.py',
    template: parseTemplate('python3 /s/tr.py --input {input} --output {output}'),
    args: ['--fast'],
    cwd: '/s',
    format: undefined,
    shape: { translator: 'script', script: '/s/tr.py', args: ['--fast'] },
  });
  const refusals: Refusal[] = [];
  const complaints: string[] = [];
  const run = {
    unseen: { complained: (text: string) => complaints.push(text), heard: () => {} },
    naming: { hasMade },
    fail: (error: Refusal) => refusals.push(error),
  } as unknown as Parameters<typeof hearWhyNothing>[0];
  const batch = {
    slot: { id: 'gpu0-0', gpu: null },
    folders: { input: '/w/in', output: '/w/out' },
    translator,
    nameOf: (page: string) => page,
    sourceBytes: new Map([['1.png', 9]]),
    copies: new Set<string>(),
  };
  const broken = new Map<string, string>();
  const isOver = await hearWhyNothing(run, batch, { end, lastLines, named, broken, mayReadOneLevel: false });
  expect(isOver).toBe(refusals.length > 0);
  const [ends] = refusals;
  const [told] = complaints;
  return { ...(ends && { ends: ends.lines }), ...(told !== undefined && { told }) };
}

test.each([
  [REFUSED, /^tr\.py does not take --input and --output: start it in its own form/],
  ["Error: No such option '--output'.", /^tr\.py does not take --output/],
  [
    'tr.py: error: unrecognized arguments: --fast',
    /^tr\.py does not take --fast, which is after --: leave it out$/,
  ],
  ['tr.py: error: the following arguments are required: folder', /^tr\.py needs folder/],
  ["tr.py: unrecognized option '--output'", /^tr\.py does not take --output/],
  ['__main__.py: error: unrecognized arguments: --output', /^tr\.py does not take --output/],
  ['tr.py run: error: unrecognized arguments: --output', /^tr\.py does not take --output/],
])('one start that ends with %j is enough to end the run', async (line, hint) => {
  expect(await heard(['usage: tr.py [-h] folder', line])).toEqual({
    ends: [`tr.py refuses its arguments: ${line.replace(/^.*error: /i, '')}`, expect.stringMatching(hint)],
  });
});

test.each<[why: string, line: string, end: Parameters<typeof heard>[1]]>([
  ['after a page', REFUSED, { named: ['1.png'] }],
  ['where pages were made so before', REFUSED, { hasMade: true }],
  ['with the exit code of an exception', REFUSED, { end: { by: 'exit', code: 1 } }],
  ['of a process that was killed', REFUSED, { end: { by: 'signal', signal: 'SIGKILL' } }],
  ['of its use alone', "ModuleNotFoundError: No module named 'mgpu_worker'", {}],
])('it is told, and others try, %s', async (_why, line, end) => {
  expect(await heard([line], end)).toEqual({ told: expect.stringMatching(/^tr\.py /) });
});

test.each<[what: string, lines: readonly string[]]>([
  ['a tool', ['ocrtool: error: the following arguments are required: text']],
  [
    'a tool with usage',
    ['usage: ocr.py [-h] text', 'ocr.py: error: the following arguments are required: text'],
  ],
  ['a tool that click started', ['Usage: upscale [OPTIONS]', '', "Error: No such option: '--output'."]],
  [
    'a warning before its end',
    ['warning: unrecognized arguments: --fast (ignored)', 'CUDA is not available'],
  ],
])('%s is not taken for the program that refuses its arguments', async (_what, lines) => {
  expect(await heard(lines)).not.toHaveProperty('ends');
});
