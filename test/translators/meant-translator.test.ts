import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTranslateOptions } from '../../src/library/translate-options.ts';
import { findTranslator } from '../../src/translators/find-translator.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), 'meant-'));
  for (const folder of ['pages', 'checkout/manga_translator', 'tools'])
    await mkdir(path.join(cwd, folder), { recursive: true });
  for (const file of ['translate.py', 'my_worker.py', 'tools/upscale.py', 'pages/1.png'])
    await writeFile(path.join(cwd, file), '');
});

const find = (translator: string): Promise<unknown> => {
  const around = { cwd, env: { PATH: process.env.PATH } };
  return findTranslator(readTranslateOptions({ input: 'in', translator }, around), around);
};

afterAll(() => rm(cwd, { recursive: true, force: true }));

test.each([
  ['translat.py', 'translate.py'],
  ['transalte.py', 'translate.py'],
  ['translate', 'translate.py'],
  ['./translat.py', './translate.py'],
  ['tools/upscal.py', 'tools/upscale.py'],
  ['ballons', 'ballonstranslator'],
  ['mangatranslater', 'mangatranslator'],
  ['ballonstranslater:/opt/it', 'ballonstranslator:/opt/it'],
  ['dmeo', 'demo'],
  ['chekout', 'checkout'],
  ['worker:my_wroker.py', 'worker:my_worker.py'],
  ['wroker:my_worker.py', 'worker:my_worker.py'],
])('-t %s: wrong usage, and %s is suggested', async (translator, meant) => {
  await expect(find(translator)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(new RegExp(`: no such file.*; did you mean ${meant}\\?$`)),
  });
});

test.each([['other.py'], ['page'], ['nowhere/translate.py'], ['worker:demo'], ['C:\\translate.py']])(
  '-t %s: nothing is near',
  async (translator) => {
    const error = await find(translator).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: 3 });
    expect(String(error)).not.toContain('did you mean');
  },
);
