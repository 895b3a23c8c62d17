import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../../../src/model/refusal.ts';
import { RefusedName } from '../../../src/pages/refused-name.ts';
import { UnreadableSource } from '../../../src/store/outputs/copy-file.ts';
import { FileMover } from '../../../src/store/outputs/file-mover.ts';

let root: string;
const at = (name: string): string => join(root, name);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'place-'));
  mkdirSync(at('work'));
  writeFileSync(at('page.png'), 'a page');
  writeFileSync(at('work/1.png'), 'one');
  writeFileSync(at('work/2.png'), 'two');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('moves a file over what stands there, and makes its folder', async () => {
  const mover = new FileMover();
  await mover.move(at('work/1.png'), at('out/ch1/1.png'));
  await mover.move(at('work/2.png'), at('out/ch1/1.png'));
  expect(readFileSync(at('out/ch1/1.png'), 'utf8')).toBe('two');
  expect(readdirSync(at('work'))).toEqual([]);
});

test('an output that is a link arrives as a file of its own', async () => {
  symlinkSync('../page.png', at('work/link.png'));
  await new FileMover().move(at('work/link.png'), at('out/page.png'));
  expect(lstatSync(at('out/page.png')).isFile()).toBe(true);
  expect(readFileSync(at('out/page.png'), 'utf8')).toBe('a page');
  expect(readdirSync(at('work'))).toEqual(['1.png', '2.png']);
  expect(readdirSync(at('out'))).toEqual(['page.png']);
  expect(readFileSync(at('page.png'), 'utf8')).toBe('a page');
});

test('an output whose content has another name too arrives as a file of its own', async () => {
  linkSync(at('page.png'), at('work/hard.png'));
  const mover = new FileMover();
  await mover.move(at('work/hard.png'), at('out/hard.png'));
  linkSync(at('page.png'), at('work/known.png'));
  await mover.move({ path: at('work/known.png'), isLink: true }, at('out/known.png'));
  expect(lstatSync(at('page.png')).nlink).toBe(1);
  expect(readdirSync(at('work'))).toEqual(['1.png', '2.png']);
  expect(readFileSync(at('out/hard.png'), 'utf8')).toBe('a page');
  expect(readFileSync(at('out/known.png'), 'utf8')).toBe('a page');
});

test('a folder that is refused is not made, nor is anything put there', async () => {
  const mover = new FileMover({
    assertFree: async (folder) => {
      if (folder === at('out/ch1')) throw new Refusal(2, 'not there');
    },
  });
  await mover.move(at('work/1.png'), at('out/1.png'));
  await expect(mover.move(at('work/2.png'), at('out/ch1/2.png'))).rejects.toThrow('not there');
  await expect(mover.copy(at('page.png'), at('out/ch1/3.png'))).rejects.toThrow('not there');
  expect(readdirSync(at('out'))).toEqual(['1.png']);
});

test('what is to be copied and is no file is that file’s trouble, and waits for nobody', async () => {
  execFileSync('mkfifo', [at('pipe')]);
  for (const source of ['pipe', 'work', 'gone']) {
    const copied = new FileMover().copy(at(source), at('out/1.png'));
    await expect(copied).rejects.toBeInstanceOf(UnreadableSource);
  }
  expect(readdirSync(at('out'))).toEqual([]);
});

test('a link that leads to no file is moved as it is', async () => {
  symlinkSync('nowhere', at('work/link'));
  await new FileMover().move(at('work/link'), at('out/link'));
  expect(lstatSync(at('out/link')).isSymbolicLink()).toBe(true);
});

test('a folder that somebody removed is made again', async () => {
  const mover = new FileMover();
  await mover.move(at('work/1.png'), at('out/ch1/1.png'));
  rmSync(at('out'), { recursive: true });
  await mover.move(at('work/2.png'), at('out/ch1/2.png'));
  rmSync(at('out'), { recursive: true });
  await mover.copy(at('page.png'), at('out/ch1/3.png'));
  expect(readdirSync(at('out/ch1'))).toEqual(['3.png']);
});

test('a file that is not there is said to be missing', async () => {
  const mover = new FileMover();
  await mover.move(at('work/1.png'), at('out/1.png'));
  await expect(mover.move(at('work/gone.png'), at('out/2.png'))).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(mover.copy(at('gone.png'), at('out/2.png'))).rejects.toThrow(/ENOENT/);
  expect(readdirSync(at('out'))).toEqual(['1.png']);
});

/** What a run leaves in a folder that is killed while it copies a page there; its name. */
async function leaveHalf(folder: string, page: string | undefined): Promise<string> {
  mkdirSync(at(folder), { recursive: true });
  const seen: (string | null)[] = [];
  const watcher = watch(at(folder), (_, name) => seen.push(name));
  await new FileMover().copy(at('page.png'), at(`${folder}/x`), page);
  const part = await vi.waitFor(() => {
    const name = seen.find((one) => one?.endsWith('.part'));
    if (!name) throw new Error(`seen: ${seen.join(' ')}`);
    return name;
  });
  watcher.close();
  rmSync(at(`${folder}/x`));
  writeFileSync(at(`${folder}/${part}`), 'a pa');
  chmodSync(at(`${folder}/${part}`), 0o444);
  return part;
}

test('what a killed run had copied of a page goes when that page is placed again, and nothing else', async () => {
  await leaveHalf('out', '1.png');
  await leaveHalf('out', '1.png');
  await leaveHalf('out', '2.png');
  const others = [await leaveHalf('out', '3.png'), await leaveHalf('out', undefined)];
  const mover = new FileMover();
  await mover.move(at('work/1.png'), at('out/1.png'), '1.png');
  await mover.copy(at('page.png'), at('out/2.png'), '2.png');
  await mover.move(at('work/2.png'), at('out/notes.txt'));
  expect(readdirSync(at('out')).sort()).toEqual([...others, '1.png', '2.png', 'notes.txt'].sort());
});

test('a name that the disk refuses is that file’s trouble, whatever it is done with', async () => {
  const mover = new FileMover({ outputRoot: at('out') });
  const long = 'x'.repeat(300);
  for (const act of [
    () => mover.move(at('work/1.png'), at(`out/${long}`)),
    () => mover.copy(at('work/1.png'), at(`out/${long}`)),
    () => mover.move(at('work/1.png'), at(`out/${long}/1.png`)),
  ]) {
    const failed = act();
    await expect(failed).rejects.toBeInstanceOf(RefusedName);
    await expect(failed).rejects.toThrow('the disk takes no names of 300 bytes');
  }
  await mover.move(at('work/1.png'), at('out/1.png'));
  expect(readdirSync(at('out'))).toEqual(['1.png']);
});

const NOBODY = 65534;
/** Acts as a user who may not do all that root may. */
async function asNobody(act: () => Promise<void>): Promise<void> {
  process.seteuid?.(NOBODY);
  try {
    await act();
  } finally {
    process.seteuid?.(0);
  }
}

describe.runIf(process.geteuid?.() === 0 && isMainThread)('as a user who is not root', () => {
  beforeEach(() => {
    for (const name of ['.', 'work']) chownSync(at(name), NOBODY, NOBODY);
    mkdirSync(at('out'));
    chownSync(at('out'), NOBODY, NOBODY);
    mkdirSync(at('work/roots'));
    for (const name of ['1.png', '2.png']) writeFileSync(at(`work/roots/${name}`), name);
  });

  test('files in a folder of another user are copied, which is told once', async () => {
    const told: string[] = [];
    const mover = new FileMover({ outputRoot: at('out'), tell: (text) => told.push(text) });
    await asNobody(async () => {
      await mover.move(at('work/roots/1.png'), at('out/ch1/1.png'));
      await mover.move(at('work/roots/2.png'), at('out/ch1/2.png'));
    });
    expect(readdirSync(at('out/ch1'))).toEqual(['1.png', '2.png']);
    expect(readFileSync(at('out/ch1/2.png'), 'utf8')).toBe('2.png');
    expect(told).toEqual([expect.stringContaining(`remove ${at('work/roots')}`)]);
  });

  test('a folder that is not ours costs its pages, an output that is not ours the run', async () => {
    mkdirSync(at('out/ch1'));
    const mover = new FileMover({ outputRoot: at('out') });
    await asNobody(async () => {
      const failed = mover.move(at('work/1.png'), at('out/ch1/1.png'));
      await expect(failed).rejects.toThrow(`no permission to write ${at('out/ch1/1.png')}`);
      await expect(failed).rejects.not.toBeInstanceOf(Refusal);
    });
    expect(readdirSync(at('out'))).toEqual(['ch1']);
    chownSync(at('out'), 0, 0);
    await asNobody(async () => {
      await expect(mover.move(at('work/1.png'), at('out/1.png'))).rejects.toBeInstanceOf(Refusal);
    });
  });
});
