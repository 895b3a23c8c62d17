// Runs the adapter against a real checkout of manga-image-translator and compares each page's outcome with the expected one:
//   tsx scripts/check-upstream.ts [CHECKOUT] [--python FILE] [--stand-ins DIR] [--cli] [--only warm|one-shot] [--keep]
// CHECKOUT: else $MANGA_TRANSLATOR_DIR. --stand-ins: a folder for PYTHONPATH whose sitecustomize.py stands in for detection
// and OCR, with its config.json and pages.py; else the real models are used, and pages that need stand-ins are left out.
// --cli: through the built launcher instead of the worker protocol and the command line themselves.
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readMangaArguments } from '../src/translators/manga-image-translator/arguments.ts';
import { findMangaImageTranslator } from '../src/translators/manga-image-translator/find.ts';
import { findPython } from '../src/translators/python.ts';
import { type Case, casesFor, paintCases } from './check-upstream/cases.ts';
import { type Got, runCli, runOneShot, runWarm, type Upstream } from './check-upstream/runs.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    'stand-ins': { type: 'string' },
    cli: { type: 'boolean', default: false },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const checkout = positionals[0] ?? process.env['MANGA_TRANSLATOR_DIR'];
if (checkout === undefined) {
  console.error('name the checkout: tsx scripts/check-upstream.ts CHECKOUT, or $MANGA_TRANSLATOR_DIR');
  process.exit(2);
}

const standIns = values['stand-ins'] === undefined ? undefined : resolve(values['stand-ins']);
const root = mkdtempSync(join(tmpdir(), 'check 50%20off '));
const cwd = process.cwd();
const { file: python } = await findPython(values.python, { env: process.env, cwd });
const found = await findMangaImageTranslator({ wanted: checkout, cwd, python, env: process.env });
if (!found) throw new Error(`nothing was found in ${checkout}`);
const options = standIns === undefined ? [] : ['--config-file', join(standIns, 'config.json')];
const upstream: Upstream = {
  found,
  python,
  root,
  input: join(root, 'in'),
  env: {
    ...(standIns !== undefined && { PYTHONPATH: standIns }),
    MGPU_SLOT: 'cpu-0',
    CUDA_VISIBLE_DEVICES: '',
  },
  options,
};
const cases = casesFor({ standIns: standIns !== undefined });
await paintCases(cases, { python, standIns, input: upstream.input });

// A save that fails takes the rest of its batch along: they have no output, and a launcher tries them again.
const inBatches = cases.filter(({ how }) => how !== 'wide');

let wrong = 0;
const before = await litterIn(found.root);
const runs = values.cli
  ? ([
      ['warm', [], () => runCli(upstream, cases, [])],
      ['one-shot', [], () => runCli(upstream, cases, ['--warm', 'off'])],
    ] as const)
  : ([
      ['warm', [], () => runWarm(upstream, cases, read([]))],
      [
        'warm',
        ['--skip-no-text', '--save-text'],
        () => runWarm(upstream, cases, read(['--skip-no-text', '--save-text'])),
      ],
      ['one-shot', [], () => runOneShot(upstream, cases, read([]))],
      ['one-shot', ['--skip-no-text'], () => runOneShot(upstream, cases, read(['--skip-no-text']))],
      ['one-shot', ['--batch-size', '2'], () => runOneShot(upstream, inBatches, read(['--batch-size', '2']))],
    ] as const);
for (const [way, more, run] of runs) {
  if (values.only !== undefined && values.only !== way) continue;
  const began = performance.now();
  const got = await run();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\n${way} ${more.join(' ')} (${seconds} s)`);
  for (const one of more.some((word) => word === '--batch-size') ? inBatches : cases)
    tell(one, expectedOf(one, more), got.get(one.page));
  if (way === 'warm') tellLitter(await litterIn(found.root));
}
if (!values.keep) rmSync(root, { recursive: true, force: true });
else console.log(`kept: ${root}`);
console.log(wrong === 0 ? '\nall as expected' : `\n${wrong} not as expected`);
process.exitCode = wrong === 0 ? 0 : 1;

function read(more: readonly string[]): ReturnType<typeof readMangaArguments> {
  return readMangaArguments([...options, ...more], cwd);
}

function expectedOf(one: Case, more: readonly string[]): string {
  return one.expected === 'no-text' && more.includes('--skip-no-text') ? 'no-text, no file' : one.expected;
}

function tell(one: Case, expected: string, got: Got | undefined): void {
  const is = got === undefined ? 'nothing' : got.what;
  const right = is === expected || one.orElse === is;
  if (!right) wrong += 1;
  const name = JSON.stringify(one.page).slice(0, 44);
  console.log(
    `${right ? '  ' : '! '}${name.padEnd(46)} ${expected.padEnd(18)} ${is.padEnd(18)} ${got?.message ?? ''}`.trimEnd(),
  );
}

/** All that a run may leave in the checkout; bytecode and models are what it keeps for itself. */
async function litterIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder, { recursive: true });
  return new Set(names.filter((name) => !/__pycache__|^models\b/.test(name)));
}

function tellLitter(now: ReadonlySet<string>): void {
  const left = [...now].filter((name) => !before.has(name));
  if (left.length === 0) return;
  wrong += 1;
  console.log(`! left in the checkout: ${left.join(', ')}`);
}
