import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage } from '../model/error-code.ts';
import { cannotRun } from '../model/refusal.ts';
import type { Slot } from '../model/slot.ts';
import { openRegular } from '../pages/open-regular.ts';
import { pythonFile } from './python-files.ts';
import type { Command, RemoteWorker, WarmTranslator } from './translator.ts';

/** Stands for the folder on another machine that files travel to. */
export const FILES = '{files}';
/** All that travels to a worker, in bytes: programs are small, and what is not belongs on the machines. */
export const MOST_BYTES = 1024 * 1024;

/** A Python file that ships with the launcher, as it travels. */
export const shipped = (name: string): readonly [name: string, file: string] => [name, pythonFile(name)];

/** A path of this machine as other machines have it: what is in the user's home folder is in that of the user there. */
export function onNode(file: string, home: string): string {
  const within = path.relative(home, file);
  const isWithin = within !== '' && !within.startsWith('..') && !path.isAbsolute(within);
  return path.isAbsolute(home) && isWithin ? `~/${within}` : file;
}

/** What is known of other machines. */
export interface Elsewhere {
  /** The interpreter there. */
  readonly python: string;
  /** The user's home folder on this machine. */
  readonly home: string;
}

/** The interpreter on other machines: `--python` by its name or its place there, else python3. */
export function remotePython(
  wanted: string | undefined,
  { cwd, home }: { readonly cwd: string; readonly home: string },
): string {
  if (wanted === undefined) return 'python3';
  return wanted.includes('/') ? onNode(path.resolve(cwd, wanted), home) : wanted;
}

/** A Python file and the others in its folder, which it may import, as they travel. */
export async function pythonFilesBeside(file: string): Promise<readonly (readonly [string, string])[]> {
  const folder = path.dirname(file);
  // What begins with a dot is no module: editors leave such files.
  const names = (await readdir(folder)).filter((name) => name.endsWith('.py') && !name.startsWith('.'));
  const beside = names.map((name) => [name, path.join(folder, name)] as const);
  const areFiles = await Promise.all(
    beside.map(async ([, one]) => (await stat(one).catch(() => undefined))?.isFile() ?? false),
  );
  return beside.filter((_, at) => areFiles[at]);
}

/** A worker as it is started on other machines, with what travels to it: content in base64, by its name in `{files}`. */
export interface PackedWorker {
  readonly command: (slot: Slot) => Command;
  readonly files: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/**
 * How a translator's worker is started on other machines; undefined where it can't be.
 * @throws Refusal (3) where what it needs can't travel
 */
export async function packedWorker(
  translator: Pick<WarmTranslator, 'elsewhere'>,
): Promise<PackedWorker | undefined> {
  const remote = await translator.elsewhere?.();
  if (!remote) return undefined;
  const { warnings = [] } = remote;
  return { command: (slot) => remote.command(slot), files: await packedFiles(remote), warnings };
}

/**
 * The content of files that travel, in base64 by their names.
 * @throws Refusal (3) where they are too large, or one can't be read
 */
export async function packedFiles({ files }: Pick<RemoteWorker, 'files'>): Promise<Record<string, string>> {
  const packed: Record<string, string> = {};
  let bytes = 0;
  for (const [name, file] of files) {
    const content = await contentOf(file, MOST_BYTES - bytes);
    bytes += content.length;
    packed[name] = content.toString('base64');
  }
  return packed;
}

async function contentOf(file: string, mostBytes: number): Promise<Buffer> {
  try {
    const opened = await openRegular(file, { followLinks: true });
    try {
      if ((await opened.stat()).size <= mostBytes) return await opened.readFile();
    } finally {
      await opened.close();
    }
  } catch (error) {
    throw cannotRun(`--engine ray: ${file} can't be sent to the nodes: ${errorMessage(error)}`, WHAT_TRAVELS);
  }
  const folder = path.dirname(file);
  throw cannotRun(
    `--engine ray: the .py files in ${folder} have more than 1 MB, which is the most that is sent to the nodes`,
    WHAT_TRAVELS,
  );
}

const WHAT_TRAVELS =
  'put the worker and the modules that it imports into a folder of their own; models and packages have to be on the nodes';
