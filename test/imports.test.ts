import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Which folders of `src` each imports from, types counted. The words at its top are everybody's. */
function importsOfFolders(): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const name of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
    const [folder = '', ...below] = name.split(path.sep);
    if (below.length === 0 || !name.endsWith('.ts')) continue;
    const known = imports.get(folder) ?? new Set();
    imports.set(folder, known);
    const file = path.join(SRC, name);
    for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g)) {
      const [other = '', ...rest] = path.relative(SRC, path.resolve(file, '..', target)).split(path.sep);
      if (rest.length > 0 && other !== folder) known.add(other);
    }
  }
  return imports;
}

test('folders know each other one way', () => {
  const imports = importsOfFolders();
  expect(imports.get('run')?.has('schedule')).toBe(true);
  for (;;) {
    const free = [...imports].flatMap(([folder, known]) => (known.size === 0 ? [folder] : []));
    if (free.length === 0) break;
    for (const folder of free) imports.delete(folder);
    for (const known of imports.values()) for (const folder of free) known.delete(folder);
  }
  // What is left imports in a circle, or from one.
  expect(Object.fromEntries(imports)).toEqual({});
});
