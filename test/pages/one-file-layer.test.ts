import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** What opens a file by its path. */
const OPENS =
  /^(?:open|openSync|openAsBlob|(?:read|copy|append)File(?:Sync)?|create(?:Read|Write)Stream|cp|cpSync)$/;

/** Who may do so besides `pages/open-regular.ts`, and why. */
const MAY: Readonly<Record<string, string>> = {
  'pages/open-regular.ts': 'it is where files are opened',
  'pages/place-page.ts':
    'copies by the system, which shares blocks where the disk can; on a thread, of a page just looked at',
  'pages/name-list.ts': 'a list of names may be a pipe',
  'doctor/links.ts': 'a file that it has made itself',
  'doctor/output.ts': 'a file that it has made itself',
  'cli/version.ts': 'package.json of the program',
  'model/open-files.ts': '/dev/null and /proc',
  'doctor/open-files.ts': '/proc',
  'store/lock/process-identity.ts': '/proc',
  'workers/hosts/local/process-memory.ts': '/proc',
  'workers/hosts/local/group-usage.ts': '/proc',
  'devices/main-memory.ts': '/proc and the limits of a container',
  'devices/process-owner.ts': '/proc',
  'devices/usable-cores.ts': 'the limits of a container',
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((name) => name.split(path.sep).join('/'))
  .filter((name) => name.endsWith('.ts'));
const textOf = (file: string): string => readFileSync(path.join(SRC, file), 'utf8');

/** The names that a file imports from `node:fs` and `node:fs/promises`; `*` where it takes all of them. */
const importsOf = (text: string): string[] =>
  [
    ...text.matchAll(/import (?:type )?(\{[^}]*\}|\S+|\* as \S+) from '(?:node:)?fs(?:\/promises)?'/g),
  ].flatMap(([, names = '']) =>
    names.startsWith('{')
      ? names
          .slice(1, -1)
          .split(',')
          .map((name) => name.trim().split(' as ')[0] ?? '')
          .filter((name) => name !== '' && !name.startsWith('type '))
      : ['*'],
  );

test('files are opened in one place', () => {
  const openers = files.filter((file) =>
    importsOf(textOf(file)).some((name) => name === '*' || OPENS.test(name)),
  );
  expect(openers.sort()).toEqual(Object.keys(MAY).sort());
});

test('folders are made by makeFolder: Node’s own recursive mkdir may never return', () => {
  const recursive = files.filter((file) => /\bmkdir(?:Sync)?\([^;]*recursive: true/.test(textOf(file)));
  expect(recursive).toEqual([]);
});
