import { afterAll, describe, expect, test } from 'vitest';
import { buildRefusingDisk } from '../fixtures/refusing-disk.ts';
import { checkAccounts } from './accounts.ts';
import { Place } from './rig.ts';
import { runWarm } from './warm.ts';

// Skipped where no C compiler is at hand.
const disk = buildRefusingDisk();
afterAll(() => disk?.remove());
const env = (...rules: readonly string[]): Readonly<Record<string, string>> => disk?.env(...rules) ?? {};

// As exFAT says it, and as NTFS does. The names of the source are on another disk.
const ODD_NAMES = [
  'mkdir:ENOENT:0:Rabbit?',
  'mkdir:EINVAL:0:what?.png',
  'symlink:EINVAL:0:/in/what?.png',
  'rename:EINVAL:0:-> /input-translated/what?.png',
];
const PAGES = ['1.png', 'Is it a Rabbit?/1.png', 'ch1/1.png', 'ch1/2.png', 'what?.png'];
const REFUSED = {
  'Is it a Rabbit?/1.png': 'the output\'s disk takes no ? in names: rename "Is it a Rabbit?"',
  'what?.png': 'the output\'s disk takes no ? in names: rename "what?.png"',
};

describe.runIf(disk)('an output on a disk that refuses', () => {
  test('some names: their pages fail with words, whatever the translator, and the rest is done', async () => {
    const place = await Place.make({ pages: PAGES, gpus: 1 });
    const oneShot = await checkAccounts(place, place.start({ env: env(...ODD_NAMES) }));
    const warm = await runWarm({ pages: PAGES, gpus: 1, env: env(...ODD_NAMES) });
    for (const run of [oneShot, warm]) {
      expect(run.code).toBe(1);
      expect(run.outcomes).toEqual({
        '1.png': 'translated',
        'ch1/1.png': 'translated',
        'ch1/2.png': 'translated',
        'Is it a Rabbit?/1.png': 'failed: error',
        'what?.png': 'failed: error',
      });
      for (const [page, words] of Object.entries(REFUSED)) expect(run.messages[page]).toContain(words);
      // No worker was asked for what it could not have put anywhere.
      expect(run.begun.toSorted()).toEqual(['1.png', 'ch1/1.png', 'ch1/2.png']);
    }
  });

  test('now and then, or to move what another user made: no page pays', async () => {
    const rules = [
      'rename:ESTALE:1-2:-> /OUT/',
      'open:ETIMEDOUT:1-1:/input/1.png',
      'symlink:EBUSY:1-1:/in/ch1/1.png',
      'rename:EACCES:0:/out/ch1/2.png -> ',
      'unlink:EACCES:0:/out/ch1/2.png',
      // The copy that could not be put in place just then can't be removed just then either.
      'rename:EBUSY:1-1:.part -> ',
      'unlink:EAGAIN:1-1:.part',
    ];
    const place = await Place.make({ pages: PAGES.slice(0, 4), gpus: 1 });
    const said = rules.map((rule) => rule.replace('/OUT/', place.path('input-translated/ch1')));
    const run = await checkAccounts(place, place.start({ env: env(...said) }));
    expect(run.code).toBe(0);
    expect(run.files).toEqual(['1.png', 'Is it a Rabbit?/1.png', 'ch1/1.png', 'ch1/2.png']);
    const notices = run.launcher.of('notice').map(({ text }) => text);
    expect(notices).toEqual([expect.stringContaining('Its outputs are copied, and that user has to remove')]);
  });

  test('because the quota is used up: the run ends as on a full disk', async () => {
    const place = await Place.make({ pages: PAGES.slice(2, 4), gpus: 1 });
    const launcher = place.start({
      env: env(`rename:EDQUOT:2-999:-> ${place.path('input-translated')}/ch1/`),
    });
    const run = await checkAccounts(place, launcher);
    expect(run.code).toBe(3);
    expect(run.counts).toMatchObject({ translated: 1, failed: 0, left: 1 });
    expect(launcher.of('run-finished')[0]?.message).toMatch(
      /^the disk quota is used up: can't write \S+\/ch1\/2\.png$/m,
    );
  });
});
