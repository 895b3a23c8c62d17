// Builds the Python package of what is built already: tsx scripts/wheel.ts [FOLDER], by default into wheel/. It needs a Python 3.8
// or later with pip, which fetches the build backend. The same sources give the same bytes.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Of the built program: what an npm package alone can offer, and what stands elsewhere in a wheel. */
const NOT_IN_WHEEL =
  /^(?:types|index\.js.*|\.build\.json|THIRD-PARTY-LICENSES\.txt|__pycache__|.*\.tmp|.*\.map)$/;
const MOST_BYTES = 1_500_000;

interface Package {
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
}

const about: Package = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

try {
  console.error(described(buildWheel(resolve(process.argv[2] ?? join(ROOT, 'wheel')))));
} catch (error) {
  console.error(`the wheel was not built: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** Puts the wheel into the folder, and gives its path. */
function buildWheel(folder: string): string {
  const scratch = mkdtempSync(join(tmpdir(), 'mgpu-wheel-'));
  try {
    layOut(scratch);
    build(scratch, folder);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(folder, `mgpu_translate-${about.version}-py3-none-any.whl`);
}

function described(wheel: string): string {
  const { size } = statSync(wheel);
  if (size > MOST_BYTES)
    throw new Error(`${wheel} has ${size} bytes, and ${MOST_BYTES} are allowed: what is new in it?`);
  return `${wheel}: ${Math.ceil(size / 1000)} kB`;
}

/** The package's folder as the build backend wants it. */
function layOut(to: string): void {
  const copy = (from: string, at: string): void =>
    cpSync(join(ROOT, from), join(to, at), {
      recursive: true,
      filter: (file) => !NOT_IN_WHEEL.test(basename(file)) || file === join(ROOT, from),
    });
  copy('scripts/wheel', '.');
  for (const name of ['bin', 'dist', 'package.json']) copy(name, `mgpu_translate/${name}`);
  copy('LICENSE', 'LICENSE');
  copy('dist/THIRD-PARTY-LICENSES.txt', 'THIRD-PARTY-LICENSES.txt');
  // The launcher's own folder of Python files can't be on everybody's sys.path: it holds more than this one.
  copy('src/python/mgpu_worker.py', 'mgpu_worker.py');
  const project = join(to, 'pyproject.toml');
  writeFileSync(project, filledIn(readFileSync(project, 'utf8')));
}

/** JSON's texts are TOML's, too. */
function filledIn(project: string): string {
  return project
    .replace('"@version@"', () => JSON.stringify(about.version))
    .replace('"@description@"', () => JSON.stringify(about.description))
    .replace('"@keywords@"', () => about.keywords.map((word) => JSON.stringify(word)).join(', '));
}

function build(project: string, folder: string): void {
  const args = ['-m', 'pip', '--disable-pip-version-check', 'wheel', '--quiet', '--no-deps'];
  const { status, error } = spawnSync('python3', [...args, '--wheel-dir', folder, project], {
    stdio: ['ignore', 2, 2],
    // What the times of all files in the wheel are, so that the same sources give the same bytes.
    env: { SOURCE_DATE_EPOCH: '1577836800', ...process.env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`python3 -m pip wheel: exit ${status}`);
}
