import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { snapshot } from './process.ts';
import { Place } from './rig.ts';

async function imagesIn(place: Place, folder: string): Promise<string[]> {
  const names = await readdir(place.path(folder), { recursive: true });
  return names.filter((name) => name.endsWith('.png') && !name.startsWith('.mgpu')).sort();
}

test('shows a run of twelve pages, whatever the options around it are, and shows it again', async () => {
  const place = await Place.make({ pages: [], script: false });
  await place.write('mgpu-translate.config.json', '{"translator": "nowhere.py"}');
  const env = { MGPU_GPUS: '7', MGPU_NODE: '/usr/bin/node' };
  const first = place.start({ argv: ['demo'], env });
  expect(await first.exit).toBe(0);
  const said = first.text.join('\n');
  expect(said).toContain('12 translated');
  expect(said).toMatch(/^cpu +12 +12 .* 0 ×2$/m);
  expect(said).toContain(`originals   ${place.path('mgpu-demo/pages')}\n`);
  expect(said).toContain(`translated  ${place.path('mgpu-demo/pages-translated')} `);
  expect(said).toContain('mgpu-translate report mgpu-demo/pages-translated');
  const pages = await imagesIn(place, 'mgpu-demo/pages');
  expect(pages).toHaveLength(12);
  expect(await imagesIn(place, 'mgpu-demo/pages-translated')).toEqual(pages);

  await place.write('mgpu-demo/pages/chapter-2/006.png', 'damaged on purpose');
  const second = place.start({ argv: ['demo', 'mgpu-demo'], env });
  expect(await second.exit).toBe(1);
  expect(second.text.join('\n')).toContain('11 translated, 1 failed');
  expect(await readFile(place.path('mgpu-demo/pages/chapter-2/006.png'), 'utf8')).toBe('damaged on purpose');
});

test.each([
  ['somebody has pages', 'manga', 'it is not empty, and no demo made it'],
  ['is a file', 'manga/pages/1.png', 'it is a file'],
  ['no folder can be', 'manga/pages/1.png/demo', 'ENOTDIR'],
  ['is a path of Windows', 'C:\\demo', '/mnt/c/demo'],
])('leaves alone where %s', async (_, folder, why) => {
  const place = await Place.make({ pages: [], script: false });
  await place.write('manga/pages/1.png', 'a page');
  const before = await snapshot(place.root);
  const launcher = place.start({ argv: ['demo', folder] });
  expect(await launcher.exit).toBe(folder.endsWith('/demo') ? 3 : 2);
  expect(launcher.stderr).toContain(why);
  expect(launcher.stderr.trim().split('\n').length).toBeLessThanOrEqual(2);
  expect(await snapshot(place.root)).toEqual(before);
});

test('says what is missing where there is no Python, and makes nothing', async () => {
  const place = await Place.make({ pages: [], script: false });
  const before = await snapshot(place.root);
  const launcher = place.start({ argv: ['demo'], env: { PATH: place.path('bin') } });
  expect(await launcher.exit).toBe(3);
  expect(launcher.stderr).toBe(
    'error: the demo translator needs Python 3, and neither python3 nor python is on PATH\n' +
      'hint: install Python 3, or name one: MGPU_PYTHON=/path/to/python3 mgpu-translate demo\n',
  );
  expect(await snapshot(place.root)).toEqual(before);
});
