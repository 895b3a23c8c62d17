import { appendFile, mkdir, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dice } from '../dice.ts';
import { always, type FaultKind, type Injected } from '../fault-kind.ts';
import { pagePng } from '../png-page.ts';
import type { Scene } from '../scene.ts';
import type { Setting } from '../setting.ts';

export const WORK_FOLDER_REMOVED = 'work folder removed';

/** Which pages a part has depends on how many there are. */
const whole = ({ parts }: Setting): boolean => !parts;

/** Originals, outputs and the program's own files, removed, cut and replaced by somebody else. */
export const FILE_FAULTS: readonly FaultKind[] = [
  source('source removed', whole, (scene, id) => scene.book.remove(id)),
  source('source cut', always, (scene, id, dice) => scene.book.cut(id, dice.pick([0, 0.3, 0.95]))),
  source('source replaced', always, (scene, id) => scene.book.replace(id, { inPlace: false })),
  source('source written over', always, (scene, id) => scene.book.replace(id, { inPlace: true })),
  source('source touched', always, (scene, id) => scene.book.touch(id)),
  output('output removed', (file) => rm(file)),
  output('output cut', async (file, _id, { dice }) => {
    const { size } = await stat(file);
    await truncate(file, Math.floor((size - 1) * dice.pick([0, 0.5, 0.97])));
  }),
  output('output replaced', async (file, id, { scene, dice }) => {
    const content = pagePng(`somebody's own of ${id} ${dice.word(6)}`);
    scene.book.of(id).foreign.push(content);
    const beside = join(scene.root, `replacing-${dice.word(8)}`);
    await writeFile(beside, content);
    await rename(beside, file).catch(() => writeFile(file, content));
    await rm(beside, { force: true });
  }),
  {
    name: 'folder in the place of an output',
    group: 'files',
    fits: always,
    anytime: true,
    inject: async (scene, dice) => {
      const id = dice.some(scene.book.present);
      if (id === undefined) return 'nothing';
      const file = join(scene.output, id);
      if (!(await stat(scene.output).catch(() => undefined))) return 'nothing';
      await mkdir(dirname(file), { recursive: true });
      const made = await mkdir(file).then(
        () => true,
        () => false,
      );
      if (!made) return 'nothing';
      await writeFile(join(file, 'somebody.txt'), '');
      scene.book.of(id).touched = true;
      scene.later(() => rm(file, { recursive: true, force: true }));
      scene.step(`  ${id}`);
      return 'done';
    },
  },
  {
    name: WORK_FOLDER_REMOVED,
    group: 'files',
    fits: always,
    inject: async (scene) => {
      const place = scene.work ?? join(scene.output, '.mgpu');
      const names = (await readdir(place).catch(() => [])).filter((name) => /^(work\.|mgpu-)/.test(name));
      for (const name of names) await rm(join(place, name), { recursive: true, force: true }).catch(() => {});
      return names.length > 0 ? 'done' : 'nothing';
    },
  },
  ledger('ledger cut', async (file) => {
    const { size } = await stat(file);
    await truncate(file, Math.max(0, size - 150));
  }),
  ledger('garbage in the ledger', (file, dice) =>
    appendFile(
      file,
      dice.pick(['\n', '{"type":"page-fin', '\0\0\0\0\0\0', '{}\n[]\nnull\n"\n', '\xff\xfe{']),
      'latin1',
    ),
  ),
];

function source(
  name: string,
  fits: FaultKind['fits'],
  change: (scene: Scene, id: string, dice: Dice) => Promise<void>,
): FaultKind {
  return {
    name,
    group: 'files',
    fits,
    anytime: true,
    inject: async (scene, dice): Promise<Injected> => {
      const id = dice.some(scene.book.present);
      // One page at least stays: an input without any is a wrong command.
      if (id === undefined || scene.book.present.length < 3) return 'nothing';
      scene.step(`  ${id}`);
      await change(scene, id, dice);
      return 'done';
    },
  };
}

function output(
  name: string,
  change: (file: string, id: string, hand: { readonly scene: Scene; readonly dice: Dice }) => Promise<void>,
): FaultKind {
  return {
    name,
    group: 'files',
    fits: always,
    anytime: true,
    inject: async (scene, dice): Promise<Injected> => {
      const there: string[] = [];
      for (const id of scene.book.ids) {
        const found = await stat(join(scene.output, id)).catch(() => undefined);
        if (found?.isFile() && found.size > 0) there.push(id);
      }
      const id = dice.some(there);
      if (id === undefined) return 'nothing';
      scene.step(`  ${id}`);
      scene.book.of(id).touched = true;
      // The program may put the next one there at this very moment.
      const was = await change(join(scene.output, id), id, { scene, dice }).then(
        () => true,
        () => false,
      );
      return was ? 'done' : 'nothing';
    },
  };
}

function ledger(name: string, change: (file: string, dice: Dice) => Promise<void>): FaultKind {
  return {
    name,
    group: 'files',
    fits: always,
    anytime: true,
    inject: async (scene, dice): Promise<Injected> => {
      const state = join(scene.output, '.mgpu');
      const names = (await readdir(state).catch(() => [])).filter((each) => each.startsWith('ledger'));
      const file = dice.some(names);
      if (file === undefined) return 'nothing';
      for (const id of scene.book.ids) scene.book.of(id).touched = true;
      // The disk may be full of another fault.
      const was = await change(join(state, file), dice).then(
        () => true,
        () => false,
      );
      return was ? 'done' : 'nothing';
    },
  };
}
