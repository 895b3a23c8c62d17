import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { docPages, ROOT } from './shown.ts';

/** What asks an index for our name, which anyone could register there. */
const ASKS_INDEX =
  /(?:pip|uv|pipx)3? (?:install|download|run)(?: (?!.*--no-index)-\S+)* ["']?mgpu[-_]translate(?![-_\w*])|npm (?:install|i|exec)(?: -\S+)* mgpu-translate(?![-\w*])|npx (?:-\S+ )*mgpu-translate/;

test('nothing tells to install mgpu-translate from an index, as none has it', async () => {
  const examples = (await readdir(path.join(ROOT, 'examples'))).map((name) => `examples/${name}`);
  const wheel = ['scripts/wheel/README.md', 'scripts/wheel/mgpu_translate/command.py'];
  const files = [...(await docPages()), ...examples.filter((name) => /\.\w+$/.test(name)), ...wheel];
  const asking: string[] = [];
  for (const file of files) {
    const lines = (await readFile(path.join(ROOT, file), 'utf8')).split('\n');
    asking.push(...lines.filter((line) => ASKS_INDEX.test(line)).map((line) => `${file}: ${line}`));
  }
  expect(asking).toEqual([]);
});

test.each([
  ['pip install mgpu-translate', true],
  ['elif ! pip install --quiet mgpu-translate; then', true],
  ['npm install --global mgpu-translate', true],
  ['npx mgpu-translate demo', true],
  ['pip install ./mgpu_translate-*.whl', false],
  ['pip install --no-index --find-links=wheels mgpu-translate', false],
])('%s: %s', (line, asks) => {
  expect(ASKS_INDEX.test(line)).toBe(asks);
});
