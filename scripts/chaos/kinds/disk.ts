import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultKind, Injected } from '../fault-kind.ts';
import type { Scene } from '../scene.ts';

const FILL = Buffer.alloc(256 * 1024, 'full');

/** A small disk with the output on it: somebody else fills it. */
export const DISK_FAULTS: readonly FaultKind[] = [
  {
    name: 'disk fills and is freed',
    group: 'disk',
    fits: ({ smallDisk }, { canMount }) => smallDisk && canMount,
    anytime: true,
    inject: async (scene, dice): Promise<Injected> => {
      const free = fill(scene, 0);
      await delay(dice.int(20, 1200));
      free();
      return 'done';
    },
  },
  {
    name: 'disk fills and stays full until the run ends',
    group: 'disk',
    fits: ({ smallDisk }, { canMount }) => smallDisk && canMount,
    anytime: true,
    inject: (scene) => {
      scene.later(fill(scene, 0));
      return 'done';
    },
  },
  {
    name: 'disk fills but for some kilobytes',
    group: 'disk',
    fits: ({ smallDisk }, { canMount }) => smallDisk && canMount,
    anytime: true,
    inject: (scene, dice) => {
      scene.later(fill(scene, dice.int(1, 60) * 4096));
      return 'done';
    },
  },
];

/** Writes until nothing more goes in, but for so many bytes; returns what frees it again. */
function fill(scene: Scene, leave: number): () => void {
  const { disk } = scene;
  if (disk === undefined) throw new Error('this story has no small disk');
  const spare = join(disk, 'spare');
  if (leave > 0) write(spare, leave);
  const filler = join(disk, `filler-${scene.injected.length}-${Date.now()}`);
  write(filler, Number.POSITIVE_INFINITY);
  rmSync(spare, { force: true });
  return () => rmSync(filler, { force: true });
}

function write(file: string, bytes: number): void {
  const fd = openSync(file, 'w');
  try {
    // Ever smaller pieces, so that the last page of the disk is taken too.
    for (let piece = FILL.length; piece >= 4096 && bytes > 0; ) {
      try {
        const size = Math.min(piece, bytes);
        bytes -= writeSync(fd, FILL, 0, size);
      } catch {
        piece /= 2;
      }
    }
  } finally {
    closeSync(fd);
  }
}
