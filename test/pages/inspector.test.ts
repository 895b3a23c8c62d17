import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { lstat, mkdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fileTrouble } from '../../src/model/file-trouble.ts';
import { Refusal } from '../../src/model/refusal.ts';
import { Inspector } from '../../src/pages/inspector.ts';
import { gif, jpeg, oneOfEach, png, tiff } from '../fixtures/images.ts';
import { fill, tempFolder } from './temp-folder.ts';

const built = mkdtempSync(path.join(os.tmpdir(), 'mgpu-thread-'));

beforeAll(async () => {
  await build({
    entryPoints: ['src/pages/inspect-thread.ts'],
    outfile: path.join(built, 'inspect-thread.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
});
afterAll(() => rm(built, { recursive: true }));

describe.each(['on threads', 'in the process'])('%s', (where) => {
  let inspector: Inspector;
  beforeAll(() => {
    const thread = pathToFileURL(
      path.join(built, where === 'on threads' ? 'inspect-thread.mjs' : 'none.mjs'),
    );
    inspector = new Inspector(thread);
    inspector.warmUp();
  });
  afterAll(() => inspector.close());

  test.each(Object.entries(oneOfEach()))('knows a %s, its stamp and its size', async (format, bytes) => {
    const file = path.join(await tempFolder(), 'page');
    await writeFile(file, bytes);
    const { mtimeMs, ctimeMs, dev: device, ino: inode } = await stat(file);
    const sample = expect.any(Number);
    const source = { bytes: bytes.length, mtimeMs, ctimeMs, device, inode, sample };
    const seen = { ok: true, source, format };
    expect(await inspector.probe([{ path: file }], { measure: false })).toEqual([seen]);
    expect(await inspector.probe([{ path: file }], { measure: true })).toEqual([
      { ...seen, size: { width: 64, height: 48 } },
    ]);
  });

  test('measures behind a large thumbnail and a directory at the end', async () => {
    const folder = await tempFolder();
    await fill(folder, ['a'], jpeg(1200, 1700, 300_000));
    await fill(folder, ['b'], tiff(1200, 1700, { big: true, little: false }));
    const jobs = ['a', 'b'].map((name) => ({ path: path.join(folder, name) }));
    const size = { width: 1200, height: 1700 };
    expect(await inspector.probe(jobs, { measure: true })).toMatchObject([{ size }, { size }]);
  });

  test('lets a page pass whose size can not be read', async () => {
    const file = path.join(await tempFolder(), 'page');
    await writeFile(file, png(9, 9).subarray(0, 12));
    const [found] = await inspector.probe([{ path: file }], { measure: true });
    expect(found).toEqual({ ok: true, source: expect.objectContaining({ bytes: 12 }), format: 'png' });
  });

  test('reads no size from beyond the end of a header that is cut', async () => {
    const folder = await tempFolder();
    const lengths = [17, 18, 19, 20, 21, 22, 23];
    for (const length of lengths) await fill(folder, [`${length}`], png(9, 9).subarray(0, length));
    const jobs = lengths.map((length) => ({ path: path.join(folder, `${length}`) }));
    for (let round = 0; round < 5; round += 1) {
      const found = await inspector.probe(jobs, { measure: true });
      expect(found.flatMap((each) => (each.ok && each.size) || [])).toEqual([]);
    }
  });

  test('says what is wrong with a page', async () => {
    const folder = await tempFolder();
    await fill(folder, ['empty'], Buffer.alloc(0));
    await fill(folder, ['html'], Buffer.from('<!DOCTYPE html>'));
    await fill(folder, ['zip'], Buffer.from('PK\x03\x04'));
    await mkdir(path.join(folder, 'folder'));
    await symlink('nowhere', path.join(folder, 'dead'));
    await symlink('loop', path.join(folder, 'loop'));
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    const names = ['empty', 'html', 'zip', 'folder', 'dead', 'loop', 'pipe'];
    const jobs = names.map((name) => ({
      path: path.join(folder, name),
      link: path.join(folder, 'links', name),
    }));
    const found = await inspector.probe(jobs, { measure: true });
    // What is a file is still told apart from other files, later.
    expect(found.map((one) => 'source' in one)).toEqual([true, true, true, false, false, false, false]);
    expect(found).toMatchObject(
      [
        'the file is empty',
        'it is an HTML page: download the file again',
        'it is a zip archive (such as .cbz or .epub): unpack it (unzip IN)',
        'a link to a folder, with the name of an image',
        'no such file: it was removed, or is a broken link',
        'a circular link',
        'a pipe, socket or device, not a file',
      ].map((message) => ({ ok: false, message })),
    );
    await expect(lstat(path.join(folder, 'links'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('links and copies pages, over what a killed run left', async () => {
    const folder = await tempFolder();
    await fill(folder, ['in/ch 1/a\n.png']);
    const source = path.join(folder, 'in/ch 1/a\n.png');
    const link = path.join(folder, 'work/ch 1/a\n.png');
    for (const copy of [false, true, false]) {
      expect(await inspector.probe([{ path: source, link }], { measure: false, copy })).toMatchObject([
        { placed: copy ? 'copy' : 'link' },
      ]);
      expect((await lstat(link)).isSymbolicLink()).toBe(!copy);
      expect(await readFile(link)).toEqual(await readFile(source));
    }
    expect(await readlink(link)).toBe(source);
  });

  test('makes a folder again that went away with an older batch', async () => {
    const folder = await tempFolder();
    await fill(folder, ['a.png']);
    const job = { path: path.join(folder, 'a.png'), link: path.join(folder, 'work/a.png') };
    await inspector.probe([job], { measure: false });
    await rm(path.join(folder, 'work'), { recursive: true });
    expect(await inspector.probe([job], { measure: false })).toMatchObject([{ placed: 'link' }]);
  });

  test('rejects with the code and path where a link can not be made', async () => {
    const folder = await tempFolder();
    await fill(folder, ['a.png', 'file']);
    const job = { path: path.join(folder, 'a.png'), link: path.join(folder, 'file/x/a.png') };
    await expect(inspector.probe([job], { measure: false })).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(inspector.probe([job], { measure: false }).catch(fileTrouble)).resolves.toBeInstanceOf(
      Refusal,
    );
    expect(await inspector.probe([{ path: job.path }], { measure: false })).toMatchObject([{ ok: true }]);
  });

  test('a page whose name or path the disk of its link refuses is no page for a worker, and no other page pays', async () => {
    const folder = await tempFolder();
    await fill(folder, ['a.png', 'b.png']);
    const path255 = path.join(folder, 'x'.repeat(250));
    const jobs = [
      { path: path.join(folder, 'a.png'), link: path.join(folder, 'work', `${'x'.repeat(300)}.png`) },
      { path: path.join(folder, 'b.png'), link: path.join(folder, 'work/b.png') },
      { path: path.join(folder, 'a.png'), link: path.join(folder, 'work', 'y'.repeat(300), 'a.png') },
      { path: path.join(folder, 'a.png'), link: `${path255}/${'d/'.repeat(2000)}a.png` },
    ];
    for (const copy of [false, true]) {
      const found = await inspector.probe(jobs, { measure: false, copy });
      expect(found).toMatchObject([
        { ok: false, isRefused: true, message: expect.stringContaining('no names of 304 bytes') },
        { ok: true, placed: copy ? 'copy' : 'link' },
        { ok: false, isRefused: true, message: expect.stringContaining('no names of 300 bytes') },
        { ok: false, isRefused: true, message: expect.stringContaining('is too long') },
      ]);
    }
  });

  test('answers in the order of the jobs, however many', async () => {
    const folder = await tempFolder();
    const kinds = [png(3, 4), gif(5, 6), Buffer.alloc(0)];
    for (const [at, bytes] of kinds.entries()) await fill(folder, [String(at)], bytes);
    const jobs = Array.from({ length: 2000 }, (_, at) => ({ path: path.join(folder, String(at % 3)) }));
    const found = await inspector.probe(jobs, { measure: false });
    expect(found.map((one) => (one.ok ? one.format : one.message))).toEqual(
      jobs.map((_, at) => ['png', 'gif', 'the file is empty'][at % 3]),
    );
    expect(await inspector.probe([], { measure: true })).toEqual([]);
  });
});

describe('a thread that answers no more', () => {
  // Hangs, ends or throws at pages that are called so, and says of others that they are empty.
  const ODD_THREAD = `
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', (requests) => {
      let begun = 0;
      const found = ({ ask, jobs }) => jobs.map(({ path, source }) => {
        const page = path ?? source;
        Atomics.store(workerData.signs, 0, ++begun);
        if (page.startsWith('hang')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        if (page.startsWith('exit')) process.exit(1);
        if (page.startsWith('throw')) throw new RangeError('too odd');
        if (page.startsWith('heap')) for (const all = []; ; Atomics.add(workerData.signs, 1, 1)) all.push(Array(1e5).fill().map(Object));
        return ask === 'probe' ? { ok: false, message: page } : { source: null, seen: page };
      });
      parentPort.postMessage(requests.map((request) => ({ to: request.ask, found: found(request) })));
    });`;
  let inspector: Inspector;
  let thread: URL;
  beforeAll(async () => {
    const file = path.join(built, 'odd-thread.mjs');
    await writeFile(file, ODD_THREAD);
    thread = pathToFileURL(file);
    inspector = new Inspector(thread);
  });
  afterAll(() => inspector.close());

  const wordsOf = async (pages: readonly string[], asked = inspector): Promise<string[]> => {
    const found = await asked.probe(
      pages.map((page) => ({ path: page })),
      { measure: false },
    );
    return found.map((one) => (one.ok ? 'ok' : one.message));
  };

  test.each([
    ['hang', 'the disk did not respond for 2 s', 2000],
    ['exit', 'checking it ended without a result'],
    ['throw', 'checking it failed: too odd'],
    ['heap', /^checking it failed: .*memory/],
  ])('costs the page that it was at (%s)', async (how, words, lookMs = 60_000) => {
    const inspector = new Inspector(thread, { lookMs });
    onTestFinished(() => inspector.close());
    const pages = Array.from({ length: 150 }, (_, at) => `page ${at}`);
    const at = 70;
    const odd = pages.with(at, `${how} 1`);
    const said = await wordsOf(odd, inspector);
    expect(said[at]).toMatch(words);
    expect(said.with(at, '')).toEqual(odd.with(at, ''));
    // No other thread is sent there.
    expect(await wordsOf([`${how} 1`, 'a'], inspector)).toEqual([said[at], 'a']);
  });

  test('costs the result that it was at, and as many pages as there are odd ones', async () => {
    const checks = ['a', 'exit 2', 'b'].map((source) => inspector.check({ source, output: 'out' }));
    const why = 'checking it ended without a result';
    expect(await Promise.all(checks)).toMatchObject([
      { seen: 'a' },
      { source: null, output: { whole: false, why } },
      { seen: 'b' },
    ]);
    expect(await wordsOf(['exit 3', 'a', 'throw 2', 'exit 4'])).toEqual([
      why,
      'a',
      'checking it failed: too odd',
      why,
    ]);
  });
});

test('rejects what it was asked when it is closed', async () => {
  const inspector = new Inspector(pathToFileURL(path.join(built, 'inspect-thread.mjs')));
  const asked = inspector.probe([{ path: '/dev/null' }], { measure: false });
  const told = expect(asked).rejects.toThrow('ended');
  await inspector.close();
  await told;
  await expect(inspector.probe([], { measure: false })).rejects.toThrow('closed');
});
