import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readTranslateOptions } from '../../src/library/translate-options.ts';
import { findTranslator } from '../../src/translators/find-translator.ts';
import { tempFolder } from '../pages/temp-folder.ts';

/** Looks for the translator of a script with this content, as a command and as a worker. */
async function found(content: string): Promise<(string | undefined)[]> {
  const cwd = await tempFolder();
  const file = path.join(cwd, 'script');
  await writeFile(file, content);
  await chmod(file, 0o755);
  const around = { cwd, env: { PATH: process.env.PATH } };
  return Promise.all(
    [{ command: './script {input} {output}' }, { translator: 'worker:./script' }].map((how) =>
      findTranslator(readTranslateOptions({ input: 'in', ...how }, around), around).then(
        () => undefined,
        (error: Error) => error.message,
      ),
    ),
  );
}

test.each([
  [
    '#!/usr/bin/env python3\r\nprint()\r\n',
    /script has Windows line endings: its first line asks for python3\\r$/,
  ],
  ['#!/bin/sh\r\n', /Windows line endings: its first line asks for \/bin\/sh\\r$/],
  [
    '#!/opt/gone/python\nprint()\n',
    /the first line of script asks for \/opt\/gone\/python, which does not exist$/,
  ],
  ['#!/usr/bin/env gone-python\n', /asks for gone-python, which does not exist$/],
])('%j: what it asks for is named', async (content, message) => {
  for (const said of await found(content)) expect(said).toMatch(message);
});

test.each(['#!/bin/sh\nexit\n', '#! /usr/bin/env sh\n', '#!/usr/bin/env -S sh -e\n', '\x7fELF\r\n', ''])(
  '%j is left to the system',
  async (content) => {
    expect(await found(content)).toEqual([undefined, undefined]);
  },
);
