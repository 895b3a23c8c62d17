import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type RunTool, runTool } from '../../devices/run-tool.ts';
import { cannotRun } from '../../model/refusal.ts';
import { pythonLines } from '../python.ts';

const PACKAGE = 'manga_translator';
const PACKAGE_NAME = 'manga-image-translator';
const SPEC_LIMIT_MS = 15_000;

/** Asks where the package is without running a line of it; marked, because a start-up file may print things too. */
const FIND_SPEC = `import importlib.util
spec = importlib.util.find_spec("${PACKAGE}")
places = list(spec.submodule_search_locations or []) if spec else []
sys.stdout.write("\\nmgpu:" + (places[0] if places else "") + "\\n")`;

/** Where manga-image-translator is. */
export interface FoundPackage {
  /** Folder that holds the package (and its `models/`): the checkout, or the site-packages it is installed in. */
  readonly root: string;
  /** Set where it has to be put on Python's path. */
  readonly checkout?: string;
  readonly from: 'given' | 'current folder' | 'python';
}

interface WhereToLook {
  /** `-t` as it was given: a folder, `manga-image-translator`, or nothing. */
  readonly wanted: string | undefined;
  readonly cwd: string;
  /** Absolute path of the interpreter. */
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  /** Calls that interpreter. */
  readonly run?: RunTool | undefined;
}

/** True for a folder that has the package: a checkout. */
async function isCheckout(folder: string): Promise<boolean> {
  for (const file of ['__init__.py', '__main__.py']) {
    if ((await stat(path.join(folder, PACKAGE, file)).catch(() => undefined))?.isFile()) return true;
  }
  return false;
}

/**
 * Finds manga-image-translator: the checkout that was named, else the current folder, else what the chosen Python can
 * import. Undefined where nothing was named and there is none.
 * @throws Refusal (exit 3) where one was named and is not there
 */
export async function findMangaImageTranslator({
  wanted,
  cwd,
  python,
  env,
  run = runTool,
}: WhereToLook): Promise<FoundPackage | undefined> {
  const named = wanted === undefined || wanted === PACKAGE_NAME ? undefined : wanted;
  if (named !== undefined) {
    const folder = path.resolve(cwd, named);
    for (const checkout of [folder, path.dirname(folder)]) {
      const isPackageItself = checkout !== folder && path.basename(folder) === PACKAGE;
      if ((checkout === folder || isPackageItself) && (await isCheckout(checkout))) {
        return { root: checkout, checkout, from: 'given' };
      }
    }
    throw cannotRun(
      `--translator ${named}: no ${PACKAGE} package in that folder`,
      'give the folder that manga-image-translator was cloned into',
    );
  }
  if (await isCheckout(cwd)) return { root: cwd, checkout: cwd, from: 'current folder' };
  const installed = await installedIn({ python, env, run });
  if (installed !== undefined) return { root: installed, from: 'python' };
  if (wanted === undefined) return undefined;
  throw cannotRun(
    `manga-image-translator was not found: neither in ${cwd} nor importable by ${python}`,
    'choose its checkout (--translator path/to/manga-image-translator) or the Python that has it (--python venv/bin/python)',
  );
}

/**
 * Where manga-image-translator is on other machines: the checkout that was named, which need not be here, else the current folder,
 * else what a Python there can import. Undefined where nothing was named and the current folder is no checkout.
 */
export async function mangaElsewhere({
  wanted,
  cwd,
}: Pick<WhereToLook, 'wanted' | 'cwd'>): Promise<FoundPackage | undefined> {
  if (wanted !== undefined && wanted !== PACKAGE_NAME) {
    const folder = path.resolve(cwd, wanted);
    const checkout = path.basename(folder) === PACKAGE ? path.dirname(folder) : folder;
    return { root: checkout, checkout, from: 'given' };
  }
  if (await isCheckout(cwd)) return { root: cwd, checkout: cwd, from: 'current folder' };
  return wanted === undefined ? undefined : { root: '/', from: 'python' };
}

/** The folder of the package that this Python would import; undefined where there is none. */
async function installedIn({
  python,
  env,
  run,
}: {
  python: string;
  env: NodeJS.ProcessEnv;
  run: RunTool;
}): Promise<string | undefined> {
  // The root folder is the current one, or Python would find what lies about where the launcher was started.
  const { args, env: clean } = pythonLines(FIND_SPEC, env);
  const asked = await run({
    command: python,
    args,
    cwd: '/',
    env: clean,
    timeoutMs: SPEC_LIMIT_MS,
  });
  if (asked.by !== 'exit' || asked.code !== 0) return undefined;
  const place = /^mgpu:(.+)$/m.exec(asked.stdout)?.[1];
  return place === undefined ? undefined : path.dirname(place);
}

/**
 * True where models still have to be downloaded: two processes that do so at once spoil each other's files.
 * @param folder the package's `models/`, or the user's `--model-dir`
 */
export async function modelsMissing(folder: string): Promise<boolean> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  const files = names.filter((name) => path.extname(name) !== '');
  return files.length === 0 || files.some((name) => name.endsWith('.part'));
}
