import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Page } from '../../../src/model/page.ts';
import { Inspector } from '../../../src/pages/inspector.ts';
import { Stage } from '../../../src/run/staging/stage.ts';
import type { StageSetup } from '../../../src/run/staging/stage-setup.ts';
import { contentOf } from '../../../src/run/staging/staged-page.ts';
import { png } from '../../fixtures/images.ts';

/** A busy machine takes its time. */
const PATIENT = { timeout: 10_000 };

/** A stage over real files, with a schedule that a test takes pages from. */
class World {
  readonly told: string[] = [];
  readonly stage: Stage;
  readonly pages: Page[];
  readonly waiting: Page[];
  readonly folder: string;
  readonly #stop = new AbortController();
  #copied = 0;
  #hear = (): void => {};

  private constructor(root: string, pages: readonly Page[], setup: Partial<StageSetup>) {
    this.pages = [...pages];
    this.waiting = [...pages];
    this.folder = path.join(root, 'stage');
    const inspector = new Inspector(new URL('file:///none.js'));
    this.stage = new Stage({
      isWanted: true,
      upcoming: (most) => this.waiting.slice(0, most),
      arrived: () => {
        this.#copied += 1;
        this.#hear();
      },
      inspector,
      openInspector: () => new Inspector(new URL('file:///none.js')),
      atOnce: 2,
      openFolder: async () => {
        await mkdir(this.folder);
        const close = (): Promise<void> => rm(this.folder, { recursive: true, force: true });
        return { path: this.folder, roomBytes: 1_000_000, close };
      },
      tell: (_level, text) => this.told.push(text),
      stop: this.#stop.signal,
      ...setup,
    });
  }

  static async make(setup: Partial<StageSetup> = {}, contents: readonly Buffer[] = SIX): Promise<World> {
    const root = await mkdtemp(path.join(tmpdir(), 'mgpu-stage-test-'));
    const pages: Page[] = [];
    for (const [at, content] of contents.entries()) {
      const page = { id: `${at}.png`, path: path.join(root, `${at}.png`) };
      await writeFile(page.path, content);
      pages.push(page);
    }
    const world = new World(root, pages, setup);
    onTestFinished(async () => {
      await world.stage.close();
      await rm(root, { recursive: true, force: true });
    });
    return world;
  }

  page(at: number): Page {
    const page = this.pages[at];
    if (!page) throw new Error(`no page ${at}`);
    return page;
  }

  /** Settles once so many pages were copied ahead. */
  async copied(count: number): Promise<void> {
    while (this.#copied < count) {
      await new Promise<void>((resolve) => {
        this.#hear = resolve;
      });
    }
  }

  stop(): void {
    this.#stop.abort();
  }
}

const SIX = Array.from({ length: 6 }, (_, at) => png(8, 8, at));
const sizes = (bytes: readonly number[]): Buffer[] =>
  bytes.map((size) => Buffer.concat([png(8, 8), Buffer.alloc(size - png(8, 8).length)]));

test('pages are copied in order, as far as there is room, and go with the stage', async () => {
  const room = 250_000;
  const world = await World.make(
    {
      openFolder: async () => {
        await mkdir(world.folder);
        const close = (): Promise<void> => rm(world.folder, { recursive: true, force: true });
        return { path: world.folder, roomBytes: room, close };
      },
    },
    sizes([100_000, 100_000, 100_000, 100_000]),
  );
  world.stage.begin();
  await world.copied(1);
  world.waiting.shift();
  const copy = await world.stage.take(world.page(0));
  expect(await readFile(copy?.path ?? '')).toEqual(await readFile(world.page(0).path));
  expect(copy?.found).toMatchObject({ ok: true, size: { width: 8, height: 8 } });
  await world.copied(2);
  // The copy that a worker has takes room, too.
  expect(world.stage.takeReady(world.page(2))).toBeUndefined();
  expect((await readdir(world.folder)).length).toBe(2);
  if (copy) await world.stage.remove(copy);
  await world.copied(3);
  await world.stage.close();
  await expect(readdir(world.folder)).rejects.toThrow('ENOENT');
  expect(world.told).toEqual([]);
});

test('nothing is copied before the first worker was started, but for whoever asks', async () => {
  const world = await World.make();
  world.stage.wake();
  const copy = await world.stage.take(world.page(3));
  expect(copy?.page.id).toBe('3.png');
  expect((await readdir(world.folder)).length).toBe(1);
});

test('a page that is no image, is gone or larger than all the room has no copy; the next ones have', async () => {
  const world = await World.make({}, [
    Buffer.from('no image'),
    ...sizes([100, 1_000_001, 2_000_000].map((size) => Math.max(size, png(8, 8).length))),
    png(8, 8),
  ]);
  await rm(world.page(1).path);
  world.stage.begin();
  await world.copied(1);
  expect(world.stage.takeReady(world.page(4))?.page.id).toBe('4.png');
  for (const at of [0, 1, 2, 3]) expect(await world.stage.take(world.page(at))).toBeUndefined();
  expect(world.told).toEqual([
    expect.stringMatching(/^[23]\.png is larger than the room for copies \(1 MB\)/),
  ]);
  expect(world.stage.isOn).toBe(true);
});

test('pages of archives are not copied: they are unpacked for the worker', async () => {
  const world = await World.make();
  const archive = {
    id: 'a.cbz',
    path: '/a.cbz',
    outputs: '',
    bytes: 1,
    mtimeMs: 1,
    directoryCrc: 0,
    pages: 1,
  };
  const entry = {
    archive,
    name: '1.png',
    offset: 0,
    isDeflated: false,
    compressedBytes: 1,
    bytes: 1,
    mtimeMs: 1,
    crc32: 1,
  };
  expect(world.stage.take({ ...world.page(0), entry })).toBeUndefined();
});

test('a folder that fails turns staging off with one notice', async () => {
  const refusing = async (): Promise<never> => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  };
  const closed = await World.make({ openFolder: refusing });
  closed.stage.begin();
  expect(await closed.stage.take(closed.page(0))).toBeUndefined();
  expect(closed.stage.isOn).toBe(false);
  expect(closed.told).toEqual([expect.stringContaining("can't be copied any more (permission denied)")]);

  const full = await World.make();
  const copy = await full.stage.take(full.page(0));
  await rm(full.folder, { recursive: true });
  expect(await full.stage.take(full.page(1))).toBeUndefined();
  expect(full.stage.take(full.page(2))).toBeUndefined();
  expect(full.told).toEqual([
    expect.stringMatching(/can't be copied to .*: workers get the originals from now on/),
  ]);
  // A copy that a worker has is used to its end.
  expect(copy?.page.id).toBe('0.png');
});

test('copies that somebody removes are told from their pages, and none of those that waited is given', async () => {
  const world = await World.make();
  world.stage.begin();
  await world.copied(6);
  const [first, second] = [await world.stage.take(world.page(0)), await world.stage.take(world.page(1))];
  if (!first || !second) throw new Error('no copies');
  expect([await world.stage.hasLost(first), await world.stage.isGone()]).toEqual([false, false]);
  // One alone: its page is given as it is, the others are not.
  await rm(first.path);
  expect([await world.stage.hasLost(first), world.stage.isOn]).toEqual([true, true]);
  expect(world.stage.take(world.page(0))).toBeUndefined();
  expect(await world.stage.take(world.page(2))).toBeDefined();
  await rm(world.folder, { recursive: true });
  expect(await world.stage.hasLost(second)).toBe(true);
  expect(world.stage.takeReady(world.page(3))).toBeUndefined();
  expect(world.stage.take(world.page(4))).toBeUndefined();
  expect(world.told).toEqual([
    `${world.folder}: the copies of pages were removed by another program. Workers get the originals from now on.`,
  ]);
});

test('no folder, and somebody said so: nothing more is said', async () => {
  const world = await World.make({ openFolder: async () => undefined });
  expect(await world.stage.take(world.page(0))).toBeUndefined();
  expect([world.stage.isOn, world.told]).toEqual([false, []]);
});

test('a copy that no worker had waits for the page again', async () => {
  const world = await World.make();
  const copy = await world.stage.take(world.page(0));
  if (copy) world.stage.putBack(copy);
  expect(await world.stage.take(world.page(0))).toBe(copy);
});

test('on a local disk the first pages are read, none is copied, and that is all', async () => {
  const world = await World.make(
    { isWanted: false },
    Array.from({ length: 20 }, (_, at) => png(8, 8, at)),
  );
  const probes: string[] = [];
  const inspector = new Inspector(new URL('file:///none.js'));
  const watched = await World.make(
    {
      isWanted: false,
      inspector: {
        probe: async (jobs, how) => {
          probes.push(...jobs.map((job) => path.basename(job.path)));
          return inspector.probe(jobs, how);
        },
      },
    },
    Array.from({ length: 20 }, (_, at) => png(8, 8, at)),
  );
  watched.stage.begin();
  await expect.poll(() => probes.length, PATIENT).toBe(8);
  watched.stage.pageTook(0.001);
  watched.stage.wake();
  expect(watched.stage.take(watched.page(0))).toBeUndefined();
  await watched.stage.close();
  expect(probes).toEqual(Array.from({ length: 8 }, (_, at) => `${at}.png`));
  expect(world.told.concat(watched.told)).toEqual([]);
});

/** A disk on which each page of a trial takes so many seconds. */
async function slowWorld(seconds: number, pages = 12) {
  const inspector = new Inspector(new URL('file:///none.js'));
  const reads: string[] = [];
  const world = await World.make(
    {
      isWanted: false,
      inspector: {
        probe: async (jobs, how) => {
          const found = await inspector.probe(jobs, how);
          reads.push(...jobs.map((job) => job.path));
          return found.map((one) => (one.ok ? { ...one, staged: { by: 'read', seconds } } : one));
        },
      },
    },
    Array.from({ length: pages }, (_, at) => png(8, 8, at)),
  );
  return { world, reads };
}

test('where the first pages are slow, copying begins with the first page that a worker finished', async () => {
  const { world, reads } = await slowWorld(0.02);
  world.stage.begin();
  await expect.poll(() => reads.length, PATIENT).toBe(8);
  expect(world.stage.isOn).toBe(false);
  world.stage.pageTook(undefined);
  world.stage.pageTook(0.2);
  expect(world.stage.isOn).toBe(true);
  await world.copied(12);
  expect(world.told).toEqual([
    'Reading a page takes 20 ms, 10 % of its time: pages are copied ahead of the workers from now on (--stage off: not).',
  ]);
});

test('where they are very slow, three of them are enough to copy until a page is finished', async () => {
  const { world, reads } = await slowWorld(0.06);
  world.stage.begin();
  await world.copied(12);
  expect(reads).toHaveLength(3);
  expect(world.told).toEqual([]);
  world.stage.pageTook(0.6);
  expect(world.stage.isOn).toBe(true);
  expect(world.told).toEqual([expect.stringContaining('Reading a page takes 60 ms, 10 % of its time')]);
});

test('if that page took so long that copies do not pay, those that are there are used, and no more are made', async () => {
  const { world } = await slowWorld(0.06, 300);
  world.stage.begin();
  await world.copied(256);
  world.stage.pageTook(60);
  expect(world.stage.isOn).toBe(false);
  expect(await world.stage.take(world.page(0))).toBeDefined();
  expect(world.stage.take(world.page(299))).toBeUndefined();
  expect(world.told).toEqual([]);
});

test('a run that stops copies no more', async () => {
  const world = await World.make();
  world.stop();
  world.stage.begin();
  await world.stage.close();
  await expect(readdir(world.folder)).rejects.toThrow('ENOENT');
});

test('what was read counts later only where a change since would show in the times of the file', () => {
  const seen = { bytes: 3, mtimeMs: 1000, ctimeMs: 2000, device: 1, inode: 1, sample: 1 };
  expect(contentOf(seen, 7, 6000)).toEqual({ bytes: 3, mtimeMs: 1000, ctimeMs: 2000, crc32: 7 });
  expect(contentOf(seen, 7, 4000)).toBeUndefined();
  // Its disk's clock is ahead of ours.
  expect(contentOf({ ...seen, mtimeMs: 9000 }, 7, 6000)).toBeUndefined();
});

test('a source that changed since is seen as changed', async () => {
  const world = await World.make();
  const copy = await world.stage.take(world.page(0));
  const inspector = new Inspector(new URL('file:///none.js'));
  const known = copy?.found;
  const look = async () => {
    const [found] = await inspector.probe([{ path: world.page(0).path, ...(known && { known }) }], {
      measure: false,
    });
    return found?.ok ? found.source : undefined;
  };
  expect(await look()).toBe(known?.source);
  await utimes(world.page(0).path, 1, 1);
  expect((await look())?.mtimeMs).toBe(1000);
});
