import { chmod } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { pagesTo, retriesOf, runWarm, warmPlace } from './warm.ts';

const PAGES = pagesTo(12);
const ONE_GPU = { pages: PAGES, gpus: 1, args: ['--retries', '0'] };

test('what is only noise costs nothing, and stands in the log as a warning', async () => {
  const faults = ['noise', 'half', 'flood', 'flood-long', 'late-stage', 'stages'];
  const plan = Object.fromEntries(faults.map((fault, index) => [`${2 * index + 1}.png`, fault]));
  const env = { FAKE_READY: 'noise', FAKE_FLOOD_BYTES: '2000000' };
  const run = await runWarm({ ...ONE_GPU, plan, env, args: ['--log-level', 'debug'] });
  expect(run.code).toBe(0);
  expect(run.counts).toMatchObject({ translated: 12, failed: 0 });
  expect(run.launcher.of('worker-started')).toHaveLength(1);
  const noise = run.launcher.of('worker-log').filter(({ stream }) => stream === 'stdout');
  expect(noise.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['=== a banner from native code ===', '[1, 2]', '{"type":"hello"}', '"done"']),
  );
  expect(noise.every(({ level, text }) => level === 'warn' && text.length < 100_000)).toBe(true);
});

/** A fault, the page that pays (1 to 5; the third has the fault), why, and what is said of it. */
type Costly = readonly [fault: string, page: number, reason: string, message: RegExp];

const COSTLY: readonly Costly[] = [
  ['wrong', 3, 'error', /"done" line with a wrong "outcome"/],
  ['wrong-type', 3, 'error', /"done" line with a wrong "seconds"/],
  ['unknown', 3, 'error', /"nobody\.png", which is not the page at work/],
  ['ahead', 3, 'error', /"ahead\/4\.png", which is not the page at work/],
  ['ready-again', 3, 'error', /"ready" twice/],
  ['late', 4, 'error', /answered "late\/3\.png" twice/],
  ['crash', 3, 'crash', /SIGSEGV/],
  ['killed', 3, 'crash', /SIGKILL/],
  ['exit0', 3, 'crash', /exit code 0/],
  ['exit1', 3, 'crash', /ValueError: this page is too much for me/],
  ['die-oom', 3, 'oom', /wanted 13\.42 GiB/],
];
/** Where the next page has to be in the pipe by then. */
const COSTLY_WITH_NEXT: readonly Costly[] = [
  ['twice', 4, 'error', /answered "twice\/3\.png" twice/],
  ['after-exit', 4, 'crash', /exit code 0/],
  ['crash', 3, 'crash', /SIGSEGV/],
];

test.each<[readonly Costly[], Record<string, string>]>([
  [COSTLY, {}],
  ...COSTLY_WITH_NEXT.map((costly): [Costly[], Record<string, string>] => [
    [costly],
    { FAKE_WAITS_FOR_NEXT: '1' },
  ]),
])('each of these costs one page at most, and that worker: %j', async (costly, env) => {
  const pages = costly.flatMap(([fault]) => [1, 2, 3, 4, 5].map((page) => `${fault}/${page}.png`));
  const plan = Object.fromEntries(costly.map(([fault]) => [`${fault}/3.png`, fault]));
  const run = await runWarm({ ...ONE_GPU, pages, env, plan });
  const pays = costly.map(([fault, page]) => `${fault}/${page}.png`);
  expect(run.outcomes).toEqual({
    ...Object.fromEntries(pages.map((id) => [id, 'translated'])),
    ...Object.fromEntries(costly.map(([, , reason], at) => [pays[at], `failed: ${reason}`])),
  });
  for (const [at, [, , , message]] of costly.entries()) expect(run.messages[pays[at] ?? '']).toMatch(message);
  expect(run.files).toEqual(pages.filter((id) => !pays.includes(id)).sort());
  const exits = run.launcher.of('worker-exited');
  expect(exits).toHaveLength(costly.length + 1);
  expect(exits.at(-1)).toMatchObject({ exitCode: 0, signal: null });
  expect(run.code).toBe(1);
});

test('every trouble once, on two GPUs: each page comes out right in the end', async () => {
  const faults = [
    'wrong',
    'unknown',
    'twice',
    'crash',
    'exit0',
    'after-exit',
    'die-oom',
    'hang',
    'no-output',
  ];
  // Good pages stand between them: a GPU that only fails what goes well elsewhere is given up.
  const pages = faults.flatMap((fault, at) => [`${at}.png`, `${at}a.png`, `${at}-${fault}@1.png`]);
  const run = await runWarm({ pages, args: ['--page-timeout', '1s', '--retries', '9'] });
  expect(run.code).toBe(0);
  expect(run.counts).toMatchObject({ translated: pages.length, failed: 0, left: 0 });
  expect(retriesOf(run.launcher).length).toBeLessThanOrEqual(faults.length);
});

test('a worker that stays with a pipe closed, or deaf to SIGTERM, is ended after its grace', async () => {
  const args = ['--retries', '0'];
  const [stdout, stdin, deaf] = await Promise.all([
    runWarm({ pages: ['1-close-stdout.png', '2.png'], gpus: 1, args }),
    runWarm({ pages: ['1-close-stdin.png', '2.png', '3.png'], gpus: 1, args }),
    runWarm({ pages: ['1-deaf.png', '2.png'], gpus: 1, args: [...args, '--page-timeout', '600ms'] }),
  ]);
  expect(stdout.outcomes).toEqual({ '1-close-stdout.png': 'failed: error', '2.png': 'translated' });
  expect(stdout.messages['1-close-stdout.png']).toMatch(/closed its stdout without exiting/);
  expect(Object.values(stdin.outcomes).sort()).toEqual(['failed: error', 'translated', 'translated']);
  expect(Object.values(stdin.messages)).toContainEqual(
    expect.stringMatching(/closed its stdin without exiting/),
  );
  expect(deaf.outcomes).toEqual({ '1-deaf.png': 'failed: timeout', '2.png': 'translated' });
  expect(deaf.launcher.of('worker-exited')[0]).toMatchObject({ signal: 'SIGKILL' });
});

test('a worker that stops reading its stdin costs its page the page timeout', async () => {
  const run = await runWarm({
    pages: pagesTo(2),
    gpus: 1,
    env: { FAKE_STOPS_READING: '1' },
    args: ['--page-timeout', '600ms', '--retries', '0'],
  });
  expect(run.outcomes).toEqual({ '1.png': 'failed: timeout', '2.png': 'failed: timeout' });
  expect(run.messages['1.png']).toMatch(/no response for 0\.6 s/);
});

test('another protocol number is refused by name: exit 3, nothing is tried again', async () => {
  const run = await runWarm({ pages: PAGES, gpus: 1, env: { FAKE_READY: 'protocol-2' } });
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 12 });
  expect(run.launcher.of('worker-started')).toHaveLength(1);
  const [{ message } = { message: '' }] = run.launcher.of('run-finished');
  expect(message).toMatch(/fake uses worker protocol 2, but this mgpu-translate uses protocol 1/);
  expect(run.launcher.stderr).not.toMatch(/at .*\.js:\d+/);
});

test('a worker that can’t be started at all: exit 3 with the reason', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 1 });
  await place.write('worker', '#!/dev/null\n');
  await chmod(place.path('worker'), 0o755);
  const run = await checkAccounts(place, place.start({ args: ['-t', 'worker:worker'] }));
  expect(run.code).toBe(3);
  expect(run.counts).toMatchObject({ left: 12 });
  expect(run.launcher.of('run-finished')[0]?.message).toMatch(/EACCES/);
});

test.each([
  ['wrong', [], /"ready" line with a wrong "loadSeconds"/],
  ['done-first', [], /not the page at work/],
  ['die', [], /no kernel image is available/],
  ['die-oom', [], /CUDA out of memory/],
  ['never', ['--start-timeout', '1s'], /not ready within 1 s/],
])(
  'a worker that is never ready (%s): exit 3 with its last words, no page is charged',
  async (how, args, words) => {
    const run = await runWarm({ pages: PAGES, args, env: { FAKE_READY: how } });
    expect(run.code).toBe(3);
    expect(run.counts).toMatchObject({ translated: 0, failed: 0, left: 12 });
    expect(run.launcher.of('run-finished')[0]?.message).toMatch(words);
    expect(run.launcher.of('page-started')).toEqual([]);
    // One may have had both its turns before the other had its second.
    expect(run.launcher.of('gpu-benched').length).toBeLessThanOrEqual(1);
    // Both together, then one after the other, twice.
    expect(run.launcher.of('worker-started').length).toBeLessThanOrEqual(6);
  },
);
