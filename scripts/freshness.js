import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages */

const STAMP = 'dist/.build.json';
const BUILT_FROM = [
  'src',
  'scripts/build.js',
  'scripts/report-page.js',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/**
 * True where node_modules holds what the lock file asks for, by npm's own record, which npm removes first and writes last.
 * Optional packages may be missing: they are those of other platforms.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const there = packagesIn(join(root, 'node_modules/.package-lock.json'));
  if (!wanted || !there) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    if (path === '') return true;
    const found = there[path];
    return found ? found.version === version && found.integrity === integrity : optional === true;
  });
}

/** @param {string} path @returns {Packages | undefined} */
function packagesIn(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Hash of everything that the build reads. @param {string} root */
export function hashOfInputs(root) {
  const hash = createHash('sha256');
  for (const path of BUILT_FROM.flatMap((name) => filesUnder(root, name))) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} name @returns {string[]} */
function filesUnder(root, name) {
  if (!existsSync(join(root, name))) return [];
  let entries;
  try {
    entries = readdirSync(join(root, name), { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [name];
    throw error;
  }
  return entries
    .filter((entry) => entry.name !== '__pycache__')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesUnder(root, `${name}/${entry.name}`) : [`${name}/${entry.name}`],
    );
}

/** True where dist was built from the sources as they are and is complete. @param {string} root */
export function isBuilt(root) {
  /** @type {{ inputs: string, outputs: string[] }} */
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(join(root, STAMP), 'utf8'));
  } catch {
    return false;
  }
  return (
    stamp.outputs.every((path) => existsSync(join(root, 'dist', path))) && stamp.inputs === hashOfInputs(root)
  );
}

/**
 * Notes what dist was built from: the last act of a build. `outputs` are paths in dist.
 * @param {string} root @param {string} inputs @param {string[]} outputs
 */
export function recordBuild(root, inputs, outputs) {
  writeFileSync(join(root, STAMP), `${JSON.stringify({ inputs, outputs }, null, 1)}\n`);
}
