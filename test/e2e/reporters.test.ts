import { execFile } from 'node:child_process';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { FAILURE_REASONS, OUTCOMES, RETRY_REASONS } from '../../src/model/outcome.ts';
import { COMPILED } from '../fixtures/compiled.ts';
import { png } from '../fixtures/images.ts';
import { CLI_WORDS, Terminal } from './process.ts';
import { Place } from './rig.ts';

const PAGES = ['1.png', '2.png', '3.png', '4.png'];
const run = ['run', 'input'] as const;

const count = z.int().nonnegative();
const counts = z.strictObject({
  translated: count,
  'no-text': count,
  untranslated: count,
  failed: count,
  skipped: count,
  left: count,
});
const level = z.enum(['debug', 'info', 'warn', 'error']);
const slot = z.string().regex(/^(gpu\d+|cpu)-\d+$/);
const time = z.iso.datetime();
const page = z.string();
/** The events that these runs have, as the protocol has them: nothing missing, nothing else. */
const eventLine = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('run-started'),
    time,
    v: z.literal(1),
    run: z.string(),
    gpus: z.array(
      z.strictObject({ index: count, name: z.string(), uuid: z.string(), memoryTotalBytes: z.number() }),
    ),
    slots: z.array(slot),
    slotDevices: z.array(z.strictObject({ slot, device: z.string().min(1), gpu: count.nullable() })),
    inputRoot: z.string().startsWith('/'),
    machine: z.strictObject({
      host: z.string().min(1),
      cpus: count.min(1),
      memoryBytes: count.min(1),
      node: z.string().min(1),
    }),
    strategy: z.string(),
    translator: z.string(),
    options: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    type: z.literal('folders-found'),
    time,
    folders: z.array(z.strictObject({ folder: z.string(), pages: count, skipped: count })),
  }),
  z.strictObject({ type: z.literal('pages-found'), time, pages: count, skipped: count }),
  z.strictObject({ type: z.literal('pages-to-do'), time, pages: z.array(page) }),
  z.strictObject({
    type: z.literal('forecast'),
    time,
    secondsLeft: z.number(),
    pagesLeft: count,
    by: z.enum(['earlier-runs', 'this-run', 'rest']),
  }),
  z.strictObject({ type: z.literal('worker-started'), time, slot, gpu: count.nullable(), pid: count }),
  z.strictObject({
    type: z.literal('worker-log'),
    time,
    slot,
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
    level,
  }),
  z.strictObject({
    type: z.literal('worker-exited'),
    time,
    slot,
    exitCode: count.nullable(),
    signal: z.string().nullable(),
    pages: count,
    why: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('page-started'), time, page, slot, attempt: count }),
  z.strictObject({
    type: z.literal('page-retried'),
    time,
    page,
    slot,
    attempt: count,
    reason: z.enum(RETRY_REASONS),
    message: z.string(),
  }),
  z.strictObject({
    type: z.literal('page-finished'),
    time,
    page,
    slot: slot.optional(),
    attempt: count,
    outcome: z.enum(OUTCOMES),
    reason: z.enum(FAILURE_REASONS).optional(),
    message: z.string().optional(),
    seconds: z.number().nonnegative().optional(),
    width: count.optional(),
    height: count.optional(),
    output: z.string().optional(),
    unchanged: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal('notice'), time, level, text: z.string() }),
  z.strictObject({
    type: z.literal('gpu-sampled'),
    time,
    gpu: count,
    utilisation: z.number(),
    memoryUsedBytes: z.number(),
  }),
  z.strictObject({
    type: z.literal('run-finished'),
    time,
    counts,
    seconds: z.number(),
    exitCode: count,
    unchanged: count.optional(),
    folders: z.array(
      z.strictObject({
        folder: z.string(),
        pages: count,
        done: count,
        untranslated: count,
        failed: count,
        left: count,
        complete: z.boolean(),
      }),
    ),
    folderTotals: z.strictObject({ folders: count, complete: count }),
    gpus: z.array(
      z.strictObject({ gpu: count.nullable(), pages: count, busySeconds: z.number(), loads: count }),
    ),
  }),
]);

test('json: every line is an event, the first is run-started, the last run-finished', async () => {
  const place = await Place.make({ pages: PAGES });
  const args = ['--log-level', 'debug', '--retries', '1'];
  const launcher = place.start({ args, plan: { '2.png': 'exit1', '3.png': 'sidecar' } });
  expect(await launcher.exit).toBe(1);
  expect(launcher.text).toEqual([]);
  for (const event of launcher.events) expect(eventLine.safeParse(event).error).toBeUndefined();
  const types = launcher.events.map(({ type }) => type);
  expect(types[0]).toBe('run-started');
  expect(types.at(-1)).toBe('run-finished');
  expect(launcher.of('worker-log').map(({ text }) => text)).toContain('[fake] Loading models');
  const times = launcher.events.map(({ time: at }) => at);
  expect(times).toEqual([...times].sort());
});

test('plain: lines to stderr with each failure, the summary to stdout, no control character', async () => {
  const place = await Place.make({ pages: PAGES });
  const launcher = place.start({ argv: run, args: ['--retries', '0'], plan: { '3.png': 'exit1' } });
  expect(await launcher.exit).toBe(1);
  const lines = launcher.stderr.trimEnd().split('\n');
  expect(lines.filter((line) => line.includes('3.png') && /fail/i.test(line))).toHaveLength(1);
  expect(lines.some((line) => line.includes('ValueError: this page is too much for me'))).toBe(true);
  expect(lines.some((line) => /1\/4 pages/.test(line))).toBe(true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(`${launcher.stderr}${launcher.text.join('\n')}`).not.toMatch(/[\x00-\x08\x0b-\x1f]/);
});

test('the summary: a row a GPU, failures by reason, logs, and a command that goes on', async () => {
  const place = await Place.make({ pages: { ...pagesOf(PAGES), '5.png': Buffer.alloc(0) } });
  const launcher = place.start({
    argv: run,
    args: ['--retries', '0'],
    plan: { '2.png': 'oom0' },
    // What a page takes is measurable beside the start of its child.
    env: { FAKE_PAGE_SECONDS: '0.4' },
  });
  expect(await launcher.exit).toBe(1);
  const text = launcher.text.join('\n');
  expect(text).toMatch(/^5 pages in [\d.]+ s(?: \(forecast [\d.]+ s\))?, [\d.]+ pages\/min$/m);
  expect(text).toMatch(/^3 translated, 2 failed$/m);
  expect(text).toMatch(/^GPU +pages +translated +failed +s\/page +busy +loads +s\/load +exit codes$/m);
  const rows = [
    ...text.matchAll(/^gpu[01] {2}Fake +(\d) +(\d) +(\d) +\d\.\d\d +\d+ % +(\d) +\d\.\d {2}0 ×(\d)$/gm),
  ];
  const sums = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + Number(row[column]), 0));
  expect(rows).toHaveLength(2);
  expect(sums).toEqual([4, 3, 1]);
  for (const [, , , , loads, ends] of rows) expect(ends).toBe(loads);
  expect(text).toMatch(/^failed, oom: 1 page\n {2}2\.png {2}.*13\.42 GiB.*\n {2}→ /m);
  expect(text).toMatch(/^failed, unreadable: 1 page\n {2}5\.png {2}.*empty.*\n {2}→ /m);
  expect(text).toContain(`output   ${place.path('input-translated')}\n`);
  expect(text).toMatch(/^logs {5}\S+\/input-translated\/\.mgpu\/runs\/\S+\/logs$/m);
  expect(text).toMatch(/^resume {3}mgpu-translate run input --retries 0$/m);
});

test('the command that goes on does so when it is pasted', async () => {
  const name = `it's "$HOME" \`id\` {input} 漫画 a\\nb\nc`;
  const place = await Place.make({ pages: [], gpus: 1 });
  for (const [id, content] of Object.entries(pagesOf(PAGES))) await place.write(`${name}/${id}`, content);
  const plan = { '2.png': 'exit1' };
  const argv = ['run', name, '--retries', '0', '--', '--text', `a 'b' "c"`];
  const launcher = place.start({ argv, plan });
  expect(await launcher.exit).toBe(1);
  const line = launcher.text.find((each) => each.startsWith('resume   ')) ?? '';
  const command = line.slice('resume   '.length);
  await writeFile(place.path('paste.sh'), `${command}\n`);
  await symlink(CLI_WORDS[1], place.path('bin/mgpu-translate'));
  const pasted = await promisify(execFile)('sh', ['paste.sh'], {
    cwd: place.root,
    env: {
      PATH: `${place.path('bin')}:${process.env.PATH}`,
      HOME: place.root,
      ...COMPILED,
    },
  });
  expect(pasted.stdout).toMatch(/^1 translated, 3 done before$/m);
});

test('after all pages were made again, what failed does not need them all once more', async () => {
  const place = await Place.make({ pages: PAGES });
  const args = ['--retries', '0', '--overwrite', 'all', '--', '--overwrite=kept'];
  const launcher = place.start({ argv: run, args, plan: { '3.png': 'exit1' } });
  expect(await launcher.exit).toBe(1);
  expect(launcher.text).toContain('resume   mgpu-translate run input --retries 0 -- --overwrite=kept');
});

test('--quiet says nothing of failed pages', async () => {
  const place = await Place.make({ pages: PAGES });
  const quiet = place.start({ argv: run, args: ['--quiet', '--retries', '0'], plan: { '3.png': 'exit1' } });
  expect(await quiet.exit).toBe(1);
  expect({ stdout: quiet.text, stderr: quiet.stderr }).toEqual({ stdout: [], stderr: '' });
});

const HOPELESS = { FAKE_IMPORT_ERROR: '1' };
const WHY = 'every worker fails the same way';

test.each(['--json', '--quiet', '--reporter=plain', '--reporter=none'])(
  'why a run could not go on is on stderr too, once: %s',
  async (flag) => {
    const place = await Place.make({ pages: PAGES, gpus: 1 });
    const launcher = place.start({ argv: run, args: [flag], env: HOPELESS });
    expect(await launcher.exit).toBe(3);
    expect(launcher.stderr).toMatch(/^error: every worker fails the same way.*No module named 'torch'/m);
    expect(launcher.stderr.split(WHY)).toHaveLength(2);
    expect(launcher.text.join('\n').split(WHY)).toHaveLength(flag.startsWith('--reporter') ? 2 : 1);
    if (flag === '--quiet') expect(launcher.text).toEqual([]);
  },
);

test('its hint is there by its name, and by itself in the event', async () => {
  const place = await Place.make({ pages: PAGES });
  await place.write('tool', '#!/dev/null\n');
  await chmod(place.path('tool'), 0o755);
  const launcher = place.start({ args: ['--command', './tool {input} {output}'] });
  expect(await launcher.exit).toBe(3);
  const [finished] = launcher.of('run-finished');
  expect(finished?.hint).toMatch(/./);
  expect(finished?.message?.endsWith(`\n${finished.hint}`)).toBe(true);
  expect(launcher.stderr).toMatch(new RegExp(`^error: can't start .+\nhint: ${finished?.hint}\n$`));
});

test.each(['2>&1', ''])(
  'on one terminal, and in one file, the summary says it, once: %s',
  async (redirect) => {
    const place = await Place.make({ pages: PAGES, gpus: 1 });
    const words = `${CLI_WORDS.map((word) => `'${word}'`).join(' ')} run input`;
    const file = redirect && `> log ${redirect}; cat log`;
    const terminal = new Terminal(place, { command: ['sh', '-c', `${words} ${file}`], env: HOPELESS });
    await terminal.exit;
    expect(terminal.screen.split(WHY)).toHaveLength(2);
  },
);

test.each(['--json', '--reporter=plain'])('a reader that leaves ends no run: %s | head -1', async (flag) => {
  const place = await Place.make({ pages: PAGES });
  const command = `${CLI_WORDS.map((word) => `'${word}'`).join(' ')} run input ${flag} 2>&1 | head -n 1`;
  const env = {
    PATH: `${place.path('bin')}:${process.env.PATH}`,
    HOME: place.root,
    ...COMPILED,
    FAKE_PAGE_SECONDS: '0.05',
  };
  const piped = await promisify(execFile)('sh', ['-c', command], { cwd: place.root, env });
  expect(piped.stdout.trimEnd().split('\n')).toHaveLength(1);
  const again = place.start();
  expect(await again.exit).toBe(0);
  expect(again.of('pages-found')[0]).toMatchObject({ pages: 4, skipped: 4 });
});

test('tty: a bar, the rate and the time left, then the summary', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  const terminal = new Terminal(place, {
    command: [...CLI_WORDS, ...run],
    // How long its line is depends on where the test runs.
    env: { FAKE_PLAN: '{"4.png":"ask"}', FAKE_PAGE_SECONDS: '0.05', MGPU_HTML: 'off' },
  });
  const asking = await place.fakes.asking('4.png');
  await terminal.shows('3/4 pages');
  await terminal.shows('left');
  const { screen } = terminal;
  expect(screen).toMatch(/█+.*░+.* 3\/4 pages {2}75\.0 % {2}[\d.]+ pages\/min {2}about 5 s left/);
  expect(screen).toContain('4.png');
  asking.order('finish');
  expect(await terminal.exit).toBe(0);
  expect(terminal.screen).toContain('4 translated');
  for (const line of terminal.screen.split(/\r?\n/)) expect(visible(line).length).toBeLessThan(100);
});

test('CI and dumb terminals get plain lines', async () => {
  const place = await Place.make({ pages: PAGES, gpus: 1 });
  for (const env of [{ CI: 'true' }, { TERM: 'dumb' }]) {
    const terminal = new Terminal(place, { command: [...CLI_WORDS, ...run, '--overwrite', 'all'], env });
    expect(await terminal.exit).toBe(0);
    expect(terminal.screen).not.toContain('█');
    expect(terminal.screen).not.toContain('\x1b[1A');
    expect(terminal.screen).toContain('4 translated');
    // There is nothing to resume.
    expect(terminal.screen).not.toContain('resume');
  }
});

/** Without control sequences. */
const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  text.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');

function pagesOf(names: readonly string[]): Record<string, Buffer> {
  return Object.fromEntries(names.map((name, seed) => [name, png(8, 8, seed)]));
}
