import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { escapeLines } from '../../src/report/escape.ts';
import { checkAccounts } from './accounts.ts';
import { CLI_WORDS, ledgerOf } from './process.ts';
import type { Launcher, Place } from './rig.ts';
import { pagesTo, warmPlace } from './warm.ts';

const IN_HEADER = 'header-value-without-a-form';
const IN_JSON = 'json-value-without-a-form';
const IN_DOTENV = 'dotenv-value-without-a-form';
const UNTOLD = 'sk-untold12345678abcdef';
const ARGS = ['--', '-H', `Authorization: Bearer ${IN_HEADER}`, '--config', `{"a":{"api_key":"${IN_JSON}"}}`];
/** Parts that only a secret has: half of one is too much. */
const PARTS = ['header-', 'json-v', 'dotenv-', 'untold'];

/** Says its secrets in every way that a worker has, also across the columns where lines and messages are cut. */
const WORKER = `import json, os, sys
words = " ".join(sys.argv[1:]) + " ${IN_DOTENV} ${UNTOLD}"
def say(**message): print(json.dumps(message), flush=True)
def log(text): sys.stderr.write(text + "\\n"); sys.stderr.flush()
log("x" * 388 + " ${IN_DOTENV} " + words)
log("x" * 65530 + "${IN_DOTENV}" + "y" * 5000)
print("noise " + words)
print("z" * 195 + "${IN_DOTENV}" + "z" * 1100000)
say(type="ready", protocol=1, translator="t " + words, version=words, device="cuda " + words, loadSeconds=0)
for line in sys.stdin:
    page = json.loads(line)
    say(type="stage", id=page["id"], stage=words)
    if page["id"].startswith("fail"): say(type="failed", id=page["id"], reason="error", message=words)
    elif page["id"].startswith("die"):
        log("RuntimeError: " + "x" * 380 + "${IN_DOTENV}")
        os._exit(3)
    elif page["id"].startswith("stray"): say(type="failed", id="y" * 195 + "${IN_DOTENV}", reason="error")
    elif page["id"].startswith("wrong"): say(type="done", id=page["id"], outcome="translated", stages={words: "x"})
    else:
        open(page["output"], "wb").write(open(page["input"], "rb").read())
        say(type="done", id=page["id"], outcome="translated", stages={words: 1})
`;

async function leakyPlace(pages: readonly string[]): Promise<Place> {
  const place = await warmPlace({ pages, gpus: 1 });
  await place.write('checkout/worker.py', WORKER);
  await place.write('checkout/.env', `export DEEPL_AUTH_KEY='${IN_DOTENV}' # mine\nMODEL=gpt\n`);
  return place;
}

const start = (place: Place, args: readonly string[] = []): Launcher =>
  place.start({ args: ['-t', 'worker:checkout/worker.py', '--log-level', 'debug', ...args, ...ARGS] });

/** All that a run left in its output besides pages. */
async function recordsOf(place: Place): Promise<string> {
  const state = place.path('input-translated/.mgpu');
  const names = await readdir(state, { recursive: true, withFileTypes: true });
  const files = names.filter((name) => name.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}

const saidBy = ({ events, text, stderr }: Launcher): string =>
  [JSON.stringify(events), ...text, stderr].join('\n');

function expectNoPart(all: string): void {
  for (const part of PARTS) expect(all).not.toContain(part);
}

test('no way of saying a secret brings it into a log, event, ledger, report or line', async () => {
  const place = await leakyPlace(['die.png', 'fail.png', 'good.png', 'stray.png', 'wrong.png']);
  const run = await checkAccounts(place, start(place));
  const records = await recordsOf(place);
  expect(records).toContain('Authorization: Bearer [redacted] --config');
  expectNoPart(records + saidBy(run.launcher));
  expect(run.outcomes['good.png']).toBe('translated');
  const formats = [[], ['--json'], ['--format', 'csv'], ['--format', 'junit']];
  const reports = formats.map((format) => place.start({ argv: ['report', 'input-translated', ...format] }));
  for (const report of reports) {
    await report.exit;
    expectNoPart(saidBy(report));
  }
});

test.each([
  ['plan', 'input'],
  ['plan', 'input', '--json'],
  ['run', 'input', '--print-config'],
  ['doctor', 'input'],
  ['doctor', 'input', '--json'],
])('%s %s %s shows none', async (...argv) => {
  const place = await leakyPlace(['fail.png']);
  const launcher = place.start({ argv, args: ['-t', 'worker:checkout/worker.py', ...ARGS] });
  await launcher.exit;
  expect(saidBy(launcher)).toContain('[redacted]');
  expectNoPart(saidBy(launcher));
});

test('the id of a page is what it is, whatever it looks like', async () => {
  const pages = [
    'sk-abc123def456ghi789/1.png',
    `good ${IN_DOTENV}.png`,
    'hf_abcdefgh12345678ijkl.png',
    'token=9a8b7c6d.png',
  ];
  const place = await leakyPlace(pages);
  const run = await checkAccounts(place, start(place));
  expect(Object.keys(run.outcomes).sort()).toEqual(pages.toSorted());
  expect([...(await ledgerOf(place)).keys()].sort()).toEqual(pages.toSorted());
  expect(run.files).toEqual(pages.toSorted());
});

test('a script finds its pages in the lines of a log that are told without secrets', async () => {
  const key = 'script-value-without-a-form';
  const place = await warmPlace({ pages: [`a ${key}.png`, 'b.png'], gpus: 1 });
  const script = `import os, sys
source, target = sys.argv[1:3]
for name in sorted(os.listdir(source)):
    print("page %s with ${key}" % os.path.join(source, name), flush=True)
    with open(os.path.join(source, name), "rb") as page, open(os.path.join(target, name), "wb") as made:
        made.write(page.read() + b"\\0")
sys.exit("x" * 390 + "${key}")
`;
  await place.write('script.py', script);
  const launcher = place.start({
    args: ['--command', `env API_KEY=${key} python3 script.py {input} {output}`, '--log-level', 'debug'],
  });
  const run = await checkAccounts(place, launcher, { sameBytes: false });
  expect(launcher.of('page-started').map(({ page }) => page)).toEqual([`a ${key}.png`, 'b.png']);
  expect(run.counts).toMatchObject({ translated: 2 });
  const lines = launcher.of('worker-log').map(({ text }) => text);
  expect(lines.join('\n')).toContain('with [redacted]');
  expect(lines.join('\n')).not.toContain('script-');
});

/** Throws into the launcher once it has said what is to be done then. */
const CRASH = `data:text/javascript,const wait = setInterval(() => {
  if (process.listenerCount('uncaughtException') === 0) return;
  clearInterval(wait);
  throw Object.assign(new Error('spawn x EIO ' + process.env.OPENAI_API_KEY), { code: 'EIO', spawnargs: process.argv });
}, 5);`;

test.each([{ debug: '' }, { debug: '1' }])(
  'what ends the process unforeseen is worded, without secrets ($debug)',
  async ({ debug }) => {
    const place = await leakyPlace(pagesTo(1));
    const key = 'environment-value-1';
    const [node, cli] = CLI_WORDS;
    const words = ['--import', CRASH.replaceAll('\n', ' '), cli, 'run', '--files-from', '-', ...ARGS];
    const env = { PATH: process.env.PATH ?? '', HOME: place.root, OPENAI_API_KEY: key, MGPU_DEBUG: debug };
    const failed = await promisify(execFile)(node, words, { cwd: place.root, env }).catch((error) => error);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toMatch(
      /^error: this is a bug in mgpu-translate: Error: spawn x EIO \[redacted\]$/m,
    );
    expect(/^ +at /m.test(failed.stderr)).toBe(debug === '1');
    expect(failed.stderr).not.toContain('spawnargs: [');
    expectNoPart(failed.stderr);
    expect(failed.stderr).not.toContain(key);
  },
);

test('--quiet shows the last words of workers with their controls escaped, and names forge no line', async () => {
  const place = await warmPlace({ pages: pagesTo(8), gpus: 1 });
  await place.write('boom.py', 'import sys\nsys.stderr.write("bo\\x1b[2Jom\\u202e\\n")\nsys.exit(3)\n');
  const quiet = place.start({ argv: ['run', 'input', '-q', '-t', 'worker:boom.py'] });
  expect(await quiet.exit).toBe(3);
  expect(quiet.stderr).toContain('boom\\u202e');
  const forged = place.start({ argv: ['run', 'no\nhint: run this', '-q'] });
  expect(await forged.exit).toBe(2);
  expect(forged.stderr).toContain('input no\\nhint: run this does not exist');
  for (const { stderr } of [quiet, forged]) {
    expect(stderr).toBe(escapeLines(stderr));
    expect(stderr).not.toMatch(/^hint: run this/m);
  }
});
