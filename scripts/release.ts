// Makes what a release consists of, and publishes nothing: npm run release -- VERSION [--dry-run]
// From a clean tree: the version in package.json and its lock, the date in CHANGELOG.md, tests, checks, the npm package and the
// wheel with their checksums in release/VERSION. Where a step fails, the three files are as they were.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { datedChangelog } from './release/dated-changelog.ts';
import { versionTrouble, withVersion } from './release/next-version.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

try {
  release();
} catch (error) {
  console.error(`no release: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function release(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'dry-run': { type: 'boolean', default: false } },
  });
  const [version, ...others] = positionals;
  if (version === undefined || others.length > 0) throw new Error('npm run release -- VERSION [--dry-run]');
  const changes = changesFor(version);
  const folder = join('release', version);
  const steps = [
    ['npm', 'test'],
    ['npm', 'run', 'check'],
    ['npm', 'pack', '--pack-destination', folder],
    ['npm', 'run', 'wheel', '--', folder],
  ] as const;
  assertReleasable(version);
  if (values['dry-run']) {
    const changed = changes.map(({ name }) => name).join(', ') || 'nothing';
    console.log(`would change ${changed}; then:`);
    for (const step of steps) console.log(`  ${step.join(' ')}`);
    console.log(`  SHA256SUMS in ${folder}`);
    return;
  }
  // The step ends by it, and is a step that failed.
  process.on('SIGINT', () => {});
  for (const { name, after } of changes) write(name, after);
  try {
    rmSync(join(ROOT, folder), { recursive: true, force: true });
    mkdirSync(join(ROOT, folder), { recursive: true });
    for (const [command, ...args] of steps) run(command, args);
    write(join(folder, 'SHA256SUMS'), checksums(folder));
  } catch (error) {
    for (const { name, before } of changes) write(name, before);
    throw error;
  }
  tellNext({ version, folder, isChanged: changes.length > 0 });
}

interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Files that differ in a release, before and after. */
function changesFor(version: string): Change[] {
  const present: { readonly version: string } = JSON.parse(read('package.json'));
  const trouble = versionTrouble(version, present.version);
  if (trouble !== undefined) throw new Error(trouble);
  const date = new Date().toISOString().slice(0, 10);
  const change = (name: string, change: (text: string) => string): Change => {
    const before = read(name);
    return { name, before, after: change(before) };
  };
  return [
    change('package.json', (text) => withVersion(text, version)),
    change('package-lock.json', (text) => withVersion(text, version)),
    change('CHANGELOG.md', (text) => datedChangelog(text, { version, date })),
  ].filter(({ before, after }) => before !== after);
}

function assertReleasable(version: string): void {
  const changed = git('status', '--porcelain');
  if (changed !== '') throw new Error(`commit or remove this first:\n${changed}`);
  if (git('tag', '--list', `v${version}`) !== '') throw new Error(`the tag v${version} exists`);
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trimEnd();
}

function run(command: string, args: readonly string[]): void {
  console.log(`\n$ ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd: ROOT, stdio: 'inherit' });
}

/** As `sha256sum --check` reads them. */
function checksums(folder: string): string {
  const lines = readdirSync(join(ROOT, folder))
    .sort()
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(ROOT, folder, name)))
          .digest('hex')}  ${name}\n`,
    );
  return lines.join('');
}

function tellNext({
  version,
  folder,
  isChanged,
}: {
  version: string;
  folder: string;
  isChanged: boolean;
}): void {
  const commands = [
    ...(isChanged ? [`git commit --all --message "Version ${version}"`] : []),
    `git tag --annotate v${version} --message "Version ${version}"`,
    'git push --follow-tags',
    `npm publish ./${folder}/mgpu-translate-${version}.tgz`,
    `python3 -m twine upload ${folder}/mgpu_translate-${version}-py3-none-any.whl`,
  ];
  console.log(`\n${folder} has all of it, and nothing was published. Next:\n  ${commands.join('\n  ')}`);
}

function read(name: string): string {
  return readFileSync(join(ROOT, name), 'utf8');
}

function write(name: string, text: string): void {
  writeFileSync(join(ROOT, name), text);
}
