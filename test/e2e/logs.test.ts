import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runToEnd } from './accounts.ts';
import { Place } from './rig.ts';

const MEGABYTE = 1024 * 1024;

test('a child that floods 30 MB, and one line of 10 MB: the launcher stays small and the run goes on', async () => {
  const place = await Place.make({ pages: ['1-flood.png', '2-flood-long.png', '3-ask.png'], gpus: 1 });
  const launcher = place.start({ env: { FAKE_FLOOD_BYTES: '30000000' } });
  const asking = await place.fakes.asking('3-ask.png');
  expect(await launcher.peakBytes()).toBeLessThan(170 * MEGABYTE);
  asking.order('finish');
  expect(await launcher.exit).toBe(0);
  expect(launcher.of('page-finished')).toHaveLength(3);
  const lines = await logLines(place, 'gpu0-0');
  const texts = lines.map(({ msg }) => msg);
  expect(texts).toContain('[fake] Loading models');
  expect(texts.at(-1)).toBe('[fake] Done. Translated 3 images');
  expect(texts.some((text) => /left out/.test(text))).toBe(true);
  expect(texts.some((text) => /^x{1000,}.*\[\d+ bytes cut\]$/.test(text))).toBe(true);
  expect(texts.every((text) => text.length < MEGABYTE)).toBe(true);
});

test('a flood on the terminal’s level to a reader that stopped reading: memory stays bounded', async () => {
  const place = await Place.make({ pages: ['1-flood.png', '2-ask.png'], gpus: 1 });
  const launcher = place.start({ args: ['--log-level', 'debug'], env: { FAKE_FLOOD_BYTES: '15000000' } });
  launcher.pause();
  const asking = await place.fakes.asking('2-ask.png');
  expect(await launcher.peakBytes()).toBeLessThan(180 * MEGABYTE);
  asking.order('finish');
  launcher.resume();
  expect(await launcher.exit).toBe(0);
  // Lines of the flood may be left out; what became of the pages never is.
  expect(launcher.of('page-finished')).toHaveLength(2);
  expect(launcher.of('notice').some(({ text }) => /left out/.test(text))).toBe(true);
});

test('lines come through whole: bars, halves, cut characters, bad bytes, colours', async () => {
  const pages = [
    '1-progress.png',
    '2-half.png',
    '3-utf8.png',
    '4-invalid.png',
    '5-colour.png',
    '6-stdout.png',
  ];
  const run = await runToEnd({ pages, gpus: 1 });
  expect(run.counts.translated).toBe(6);
  const lines = await logLines(run.place, 'gpu0-0');
  const texts = lines.map(({ msg }) => msg);
  expect(texts).toContain('  page: 100%|##########|');
  expect(texts.filter((text) => text.includes('page:')).length).toBeLessThanOrEqual(3);
  expect(texts).toContain('first half, second half');
  expect(texts).toContain('other stream');
  expect(texts).toContain('[fake] 漫画');
  expect(texts).toContain('[fake] \ufffd\ufffd and \ufffd');
  const coloured = lines.find(({ msg }) => msg.endsWith('coloured'));
  expect(coloured).toMatchObject({ msg: 'WARNING: [fake] coloured', level: 'warn', stream: 'stderr' });
  expect(lines.find(({ msg }) => msg.includes('Translating: "') && msg.includes('6-stdout'))).toMatchObject({
    stream: 'stdout',
    slot: 'gpu0-0',
    level: 'info',
  });
});

test('a log for each slot, and events.ndjson with every event but the workers’ lines', async () => {
  const run = await runToEnd({ pages: ['1.png', '2-exit1.png', '3.png', '4.png'] });
  const { folder } = await runFolder(run.place);
  expect((await readdir(path.join(folder, 'logs'))).sort()).toEqual(['gpu0-0.log', 'gpu1-0.log']);
  const written = (await readFile(path.join(folder, 'events.ndjson'), 'utf8')).trim().split('\n');
  const told = run.launcher.events.filter(({ type }) => type !== 'worker-log');
  expect(written.map((line) => JSON.parse(line))).toEqual(told);
});

test.each([
  ['debug', /Translating/],
  ['info', /Traceback[\s\S]*ValueError/],
  ['warn', /^$/],
  ['silent', /^(?!.*ValueError: this page is too much for me\n)/],
])('--log-level %s is what the terminal shows of the translators’ lines', async (level, shown) => {
  const place = await Place.make({ pages: ['1.png', '2-exit1.png'], gpus: 1 });
  const argv = ['run', 'input', '--reporter', 'plain', '--retries', '0', '--log-level', level];
  const launcher = place.start({ argv });
  expect(await launcher.exit).toBe(1);
  const shownLines = launcher.stderr.split('\n').filter((line) => /^gpu0-0 \|/.test(line));
  expect(shownLines.join('\n')).toMatch(shown);
  if (level === 'silent') expect(shownLines).toEqual([]);
  // A try that might have failed for another reason, and the one that counts: a line each.
  const tries = launcher.stderr.split('\n').filter((line) => line.includes('too much for me'));
  if (level === 'warn')
    expect(tries).toEqual([
      expect.stringMatching(/gpu0-0 worker ended with exit code 1 after 1 page: ValueError/),
      expect.stringMatching(/failed {2}2-exit1\.png {2}error: ValueError/),
    ]);
});

interface LogLine {
  readonly level: string;
  readonly slot: string;
  readonly stream: string;
  readonly msg: string;
}

async function runFolder(place: Place): Promise<{ folder: string }> {
  const runs = place.path('input-translated/.mgpu/runs');
  const [run = ''] = await readdir(runs);
  return { folder: path.join(runs, run) };
}

/** The lines of a slot's log, each of which must be JSON. */
async function logLines(place: Place, slot: string): Promise<LogLine[]> {
  const { folder } = await runFolder(place);
  const text = await readFile(path.join(folder, 'logs', `${slot}.log`), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
