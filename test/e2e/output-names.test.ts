import { readdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { interruptAgain } from './process.ts';
import { type Launcher, Place } from './rig.ts';

const SCRIPT = fileURLToPath(new URL('../fixtures/renaming_translate.py', import.meta.url));
const OUT = 'input-translated';

/** A place with pages and a script that names its outputs in its own way. */
class Renaming {
  readonly place: Place;
  #calls = 0;

  private constructor(place: Place) {
    this.place = place;
  }

  static async make(pages: readonly string[]): Promise<Renaming> {
    return new Renaming(await Place.make({ pages: [...pages], gpus: 1, script: false }));
  }

  start(patterns: string, args: readonly string[] = [], env: Record<string, string> = {}): Launcher {
    const command = `python3 '${SCRIPT}' {input} {output} ${patterns}`;
    return this.place.start({
      args: ['--command', command, ...args],
      env: { CALLS: this.place.path('calls'), ...env },
    });
  }

  /** Pages that were paid for since it was asked last, in their order. */
  async paid(): Promise<string[]> {
    const calls = await readFile(this.place.path('calls'), 'utf8').catch(() => '');
    const lines = calls.split('\n').filter((line) => line !== '');
    const added = lines.slice(this.#calls).sort();
    this.#calls = lines.length;
    return added;
  }

  /** Files in the output. */
  async outputs(): Promise<string[]> {
    const names = await readdir(this.place.path(OUT), { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile() && !entry.parentPath.includes('.mgpu'));
    const from = this.place.path(OUT).length + 1;
    return files.map((entry) => `${entry.parentPath}/${entry.name}`.slice(from)).sort();
  }
}

/** Ends a run without waiting for the page in flight. */
async function stopNow(run: Launcher): Promise<void> {
  run.kill('SIGTERM');
  await run.event('notice', ({ text }) => text.includes('SIGTERM'));
  await interruptAgain(run, 'SIGTERM');
  expect(await run.exit).toBe(143);
}

test('a constant ending is understood, noted, and known to the next run from the start', async () => {
  const script = await Renaming.make(['a/1.png', 'a/2.PNG', 'b/1.png', 'b/2.png']);
  const first = script.start("'{}_translated' ");
  expect(await first.exit).toBe(0);
  expect(await script.outputs()).toEqual(['a/1.png', 'a/2.PNG', 'b/1.png', 'b/2.png']);
  expect(first.of('notice').map(({ text }) => text)).toContainEqual(
    expect.stringMatching(
      /writes .*_translated\.\w+\. Its outputs are expected as '\{stem\}_translated\{ext\}' from now on/,
    ),
  );
  const ledger = await readFile(script.place.path(`${OUT}/.mgpu/ledger.ndjson`), 'utf8');
  expect(ledger.match(/"output-name"/g)).toHaveLength(1);
  expect(await script.paid()).toHaveLength(4);

  for (const page of ['a/1.png', 'a/2.PNG', 'b/1.png']) await rm(script.place.path(`${OUT}/${page}`));
  // The child goes on only once its first page has been taken.
  const again = script.start("'{}_translated' ", [], {
    AWAIT: 'b/1.png',
    AWAIT_FILE: script.place.path(`${OUT}/a/1.png`),
  });
  expect(await again.exit).toBe(0);
  expect(again.of('notice').map(({ text }) => text)).not.toContainEqual(
    expect.stringContaining('from now on'),
  );
  expect(await script.paid()).toEqual(['a/1.png', 'a/2.PNG', 'b/1.png']);
});

test.each<[string, string, string[], string, boolean?]>([
  ['two endings', "'{}_translated' '{}_mask'", ['1.png', '2.png'], '{stem}_translated{ext}', true],
  ['a letter', "'{}b.webp'", ['1.png', '2.png'], '{stem}b{ext}'],
  ['a prefix, of one page', "'translated_{}'", ['1.png'], 'translated_{stem}{ext}'],
  ['inputs that end so', "'{}_translated'", ['1.png', '1_translated.png'], '{stem}_translated{ext}'],
])(
  '%s: the run stops and says which option, and the run that has it pays nothing',
  async (_case, names, pages, option, sameCommandFirst) => {
    const script = await Renaming.make(pages);
    const first = script.start(names);
    expect(await first.exit).toBe(3);
    expect(first.stderr).toContain(`'${option}'`);
    expect(await script.paid()).toEqual(pages);

    if (sameCommandFirst) {
      const again = script.start(names);
      expect(await again.exit).toBe(3);
      expect(again.stderr).toMatch(/an earlier run left .*, and none has a page's name/);
      expect(again.stderr).toContain(`'${option}'`);
      const wrong = script.start(names, ['--output-name', '{stem}_other{ext}']);
      expect(await wrong.exit).toBe(3);
    }

    const taking = script.start(names, ['--output-name', option]);
    expect(await taking.exit).toBe(0);
    expect(
      taking
        .of('page-finished')
        .map(({ page }) => page)
        .sort(),
    ).toEqual(pages);
    expect(
      (await script.outputs())
        .filter((name) => !name.includes('mask'))
        .map((name) => name.replace('webp', 'png')),
    ).toEqual(pages);
    expect(await script.paid()).toEqual([]);
  },
);

test('a run that is killed, or stopped, before it is known: nothing that was made is made again', async () => {
  const pages = ['1.png', '2.png', '3.png', '4.png'];
  const script = await Renaming.make(pages);
  const killed = script.start("'{}b'", [], { HANG: '3.png' });
  await killed.event('page-started', ({ page }) => page === '3.png');
  killed.kill('SIGKILL');
  await killed.exit;
  const unsaid = script.start("'{}b'");
  expect(await unsaid.exit).toBe(3);
  expect(unsaid.stderr).toContain("'{stem}b{ext}'");
  expect(await script.paid()).toEqual(['1.png', '2.png']);

  const stopped = script.start("'{}b'", ['--output-name', '{stem}b{ext}'], { HANG: '4.png' });
  await stopped.event('page-started', ({ page }) => page === '4.png');
  await stopNow(stopped);
  const last = script.start("'{}b'");
  expect(await last.exit).toBe(0);
  expect(await script.paid()).toEqual(['3.png', '4.png']);
  expect(await script.outputs()).toEqual(pages);
});

test('a run that is stopped or killed before its first child has ended: the next one takes what is there', async () => {
  const pages = Array.from({ length: 6 }, (_, at) => `ch/${at + 1}.png`);
  const script = await Renaming.make(pages);
  // Quiet as it is, it is seen to work: no limit on its start ends it.
  const killed = script.start("'{}_Translated'", ['--start-timeout', '3s'], { HANG: 'ch/3.png', QUIET: '1' });
  await killed.event('page-written', ({ page }) => page === 'ch/2.png');
  killed.kill('SIGKILL');
  await killed.exit;
  const stopped = script.start("'{}_Translated'", [], { HANG: 'ch/5.png', DIE: '1' });
  await stopped.event('page-finished', ({ page }) => page === 'ch/1.png');
  await stopped.event('page-started', ({ page }) => page === 'ch/5.png');
  await stopNow(stopped);
  expect(await script.start("'{}_Translated'").exit).toBe(0);
  expect(await script.paid()).toEqual(pages);
  expect(await script.outputs()).toEqual(pages);
});

test('a run that is stopped while nobody knows the names keeps what its child made', async () => {
  const script = await Renaming.make(['1.png', '2.png', '3.png']);
  const stopped = script.start("'{}_t' '{}_m'", [], { HANG: '3.png' });
  await stopped.event('page-started', ({ page }) => page === '3.png');
  await stopNow(stopped);
  const again = script.start("'{}_t' '{}_m'", ['--output-name', '{stem}_t{ext}']);
  expect(await again.exit).toBe(0);
  expect(await script.paid()).toEqual(['1.png', '2.png', '3.png']);
});

test('pages that fail, and masks: no page pays for another’s name', async () => {
  const pages = Array.from({ length: 12 }, (_, at) => `${at + 10}.png`);
  const script = await Renaming.make(pages);
  const run = script.start(
    "'{}_translated' '{}_translated_mask'",
    ['--output-name', '{stem}_translated{ext}', '--retries', '0'],
    {
      FORGET: '12.png',
      DIE: '1',
    },
  );
  expect(await run.exit).toBe(1);
  expect(run.of('page-finished').filter(({ outcome }) => outcome === 'failed')).toMatchObject([
    { page: '12.png' },
  ]);
  expect(await script.paid()).toEqual(pages.filter((page) => page !== '12.png'));
  expect(await script.outputs()).toContain('10_translated_mask.png');

  const half = await Renaming.make(pages);
  const forgotten = pages.slice(0, 6).join(',');
  expect(await half.start("'{}_translated'", [], { FORGET: forgotten }).exit).toBe(3);
  const rest = half.start("'{}_translated'", ['--output-name', '{stem}_translated{ext}']);
  expect(await rest.exit).toBe(0);
  expect(await half.paid()).toEqual(pages);
});

test('a script’s own names, and what it makes of a page that fails, are as ever', async () => {
  const script = await Renaming.make(['1.png', '1-2.png', '3.png']);
  const run = script.start("'{}' '{}_mask'");
  expect(await run.exit).toBe(0);
  expect(await script.outputs()).toEqual([
    '1-2.png',
    '1-2_mask.png',
    '1.png',
    '1_mask.png',
    '3.png',
    '3_mask.png',
  ]);
  await rm(script.place.path(`${OUT}/3.png`));
  // In an earlier run the names were right: that a page has a mask alone says nothing of them.
  const again = script.start("'{}' '{}_mask'", ['--retries', '0'], { FORGET: '3.png' });
  expect(await again.exit).toBe(1);
});
