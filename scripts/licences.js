import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const RULE = '-'.repeat(78);
const HEADING = new RegExp(`(?:^This program contains .*|^${RULE})\\n\\n(\\S+) (\\S+) \\(.*\\)$`, 'gm');

/**
 * The licences of all packages that stand in the bundles, as their terms ask for. `inputs` are esbuild's.
 * @param {string} root @param {Iterable<string>} inputs
 */
export function thirdPartyLicences(root, inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder) packages.add(folder);
  }
  const parts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...texts].join('\n\n');
  });
  return `This program contains the packages below.\n\n${parts.join(`\n\n${RULE}\n\n`)}\n`;
}

/**
 * The versions of each package in a text of `thirdPartyLicences`, in the form of package.json's `inlinedDependencies`: a
 * version, or a list where there are several.
 * @param {string} licences
 * @returns {Record<string, string | string[]>}
 */
export function packagesNamedIn(licences) {
  /** @type {Map<string, string[]>} */
  const packages = new Map();
  for (const [, name = '', version = ''] of licences.matchAll(HEADING))
    packages.set(name, [...new Set([...(packages.get(name) ?? []), version])].sort());
  const named = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    named.map(([name, [first = '', ...more]]) => [name, more.length ? [first, ...more] : first]),
  );
}
