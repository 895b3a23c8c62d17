import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { knownRefusal } from '../../src/run/known-refusal.ts';
import { readLedgers } from '../../src/store/ledger/ledger.ts';
import { ScriptTranslator } from '../../src/translators/script/script.ts';
import type { OneShotTranslator } from '../../src/translators/translator.ts';

let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refusal-'));
  lines = [];
  return () => rmSync(folder, { recursive: true, force: true });
});

const translatorOf = (words: readonly string[]) =>
  new ScriptTranslator({
    name: 'tr.py',
    template: { words },
    args: [],
    cwd: folder,
    format: undefined,
    shape: { translator: 'script', args: [] },
  });
const scriptWith = () => translatorOf(['python3', 'tr.py', '--input', '{input}', '--output', '{output}']);
const argsOf = (translator: OneShotTranslator): readonly string[] =>
  translator.command({ input: 'in', output: 'out' }, { id: 'cpu-0', gpu: null }).args;

async function nextRun(optionsHash = 'h') {
  writeFileSync(join(folder, 'ledger.ndjson'), lines.join(''));
  const append = async (line: object): Promise<void> => {
    lines.push(`${JSON.stringify(line)}\n`);
  };
  return knownRefusal(optionsHash, await readLedgers(folder), { append });
}

test('what a script refused is known to the next run, until the script is another one', async () => {
  const script = scriptWith();
  const tr = join(folder, 'tr.py');
  writeFileSync(tr, 'one');
  const first = await nextRun();
  expect(await first.beginWith(script)).toBe(script);
  await first.note(script);
  expect(argsOf(await (await nextRun()).beginWith(script))).toEqual(['tr.py', '--input', 'in']);
  expect(await (await nextRun('other')).beginWith(script)).toBe(script);
  writeFileSync(tr, 'another');
  expect(await (await nextRun()).beginWith(script)).toBe(script);
  rmSync(tr);
  expect(await (await nextRun()).beginWith(script)).toBe(script);
});

test('of a program that is no script, nothing is noted', async () => {
  await (await nextRun()).note(translatorOf(['tr', '--output', '{output}', '{input}']));
  expect(lines).toEqual([]);
});
