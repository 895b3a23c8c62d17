import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ArchivePlaces } from '../../../src/store/archives/archive-places.ts';
import { PackedOutputs } from '../../../src/store/archives/packed-outputs.ts';
import { zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const ARCHIVE = { id: 'a.cbz', path: '/in/a.cbz', bytes: 1, mtimeMs: 1, outputs: '.mgpu/archives/a.cbz' };
const ZIP = zipOf([{ name: 'b/1.png', content: 'made' }]);

/** What is found at `at` where `name` was packed, and has so many bytes. */
async function found(at: string, { name = 'a.cbz', outputBytes = ZIP.length } = {}) {
  const output = await tempFolder();
  await writeFile(path.join(output, name), ZIP);
  const line = {
    type: 'archive' as const,
    time: '2025-01-01T00:00:00.000Z',
    archive: 'a.cbz',
    bytes: 1,
    mtimeMs: 1,
    directoryCrc: 1,
    pages: 1,
    outcomes: {},
    output: name,
    outputBytes,
  };
  const packed = new PackedOutputs(new Map([['a.cbz', line]]), new ArchivePlaces({ output }, 'pack'));
  return (await packed.entryOf(ARCHIVE, at))?.bytes;
}

const AT = '.mgpu/archives/a.cbz/b/1.png';

test('finds an output in the archive that was packed, whole or not', async () => {
  expect(await found(AT)).toBe(4);
  expect(await found(AT, { name: 'a.incomplete.cbz' })).toBe(4);
});

test('finds none of another place, nor in an archive that is another by now', async () => {
  expect(await found('.mgpu/archives/a.cbz/b/2.png')).toBeUndefined();
  expect(await found('b/1.png')).toBeUndefined();
  expect(await found(AT, { outputBytes: 1 })).toBeUndefined();
});

test('an archive goes where it is asked for', () => {
  const beside = new ArchivePlaces({ output: '/x/v-translated', packed: '/x/v-translated.cbz' }, 'pack');
  expect(beside.whole('v.cbz')).toEqual({ name: 'v-translated.cbz', file: '/x/v-translated.cbz' });
  expect(beside.incomplete('v.cbz').file).toBe('/x/v-translated.incomplete.cbz');
  expect(new ArchivePlaces({ output: '/x', packed: '/x.cbz' }, 'folder').outputsOf('v.cbz')).toBe('');
  expect(new ArchivePlaces({ output: '/x' }, 'folder').outputsOf('b/v.cbz')).toBe('b/v');
});
