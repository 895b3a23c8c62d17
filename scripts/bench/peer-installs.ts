import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Bench } from './bench.ts';
import { isThere, realPython } from './interpreter.ts';

const MINUTES = 60_000;

/** Where a peer is, or in few words why it isn't there. */
export type Installed = { readonly path: string } | { readonly missing: string };

/** Installs a Python package into an environment of its own in the bench's folder; `path` is a program of it. */
export async function installPythonPackage(bench: Bench, name: string, program: string): Promise<Installed> {
  const folder = join(bench.home, 'peers', name);
  return installOnce(bench, name, folder, join(folder, 'bin', program), async () => {
    // Not renamed into its place: its programs hold the path.
    await execa(realPython(), ['-m', 'venv', folder], { timeout: 2 * MINUTES });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', name];
    await execa(join(folder, 'bin/python'), pip, { timeout: 10 * MINUTES });
  });
}

/** Takes a program out of a Debian package, without a change to the system. */
export async function unpackDebianPackage(bench: Bench, name: string, program: string): Promise<Installed> {
  const folder = join(bench.home, 'peers', name);
  return installOnce(bench, name, folder, join(folder, program), async () => {
    const unpacked = `${folder}.part`;
    await rm(unpacked, { recursive: true, force: true });
    await execa('mkdir', ['-p', unpacked]);
    await execa('apt-get', ['download', name], { cwd: unpacked, timeout: 2 * MINUTES });
    const archive = (await readdir(unpacked)).find((file) => file.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get brought no package');
    await execa('dpkg-deb', ['-x', archive, '.'], { cwd: unpacked });
    await rename(unpacked, folder);
  });
}

async function installOnce(
  bench: Bench,
  name: string,
  folder: string,
  program: string,
  install: () => Promise<void>,
): Promise<Installed> {
  if (await isThere(program)) return { path: program };
  bench.say(`installing ${name} …`);
  try {
    await rm(folder, { recursive: true, force: true });
    await install();
    return (await isThere(program)) ? { path: program } : { missing: `its package has no ${program}` };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    return { missing: `can't be installed here: ${firstLine(error)}` };
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 160) ?? '';
