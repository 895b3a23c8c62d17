import { homedir } from 'node:os';
import path from 'node:path';
import { claimDemoFolder } from '../demo/demo-folder.ts';
import { drawSamplePages } from '../demo/sample-pages.ts';
import { readTranslateOptions } from '../library/translate-options.ts';
import { errorCode, errorMessage } from '../model/error-code.ts';
import { escapeControls } from '../model/escape-controls.ts';
import { isForbidden, isOwnLimit, writingTrouble } from '../model/file-errors.ts';
import { cannotRun } from '../model/refusal.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { badValue } from '../options/bad-value.ts';
import { withHome } from '../options/find-values.ts';
import { newFolder } from '../options/option-types.ts';
import { paintFor } from '../report/colours.ts';
import { LineOutput } from '../report/output.ts';
import { findPython } from '../translators/python.ts';
import { translateAndReport } from './run.ts';

const FOLDER = 'mgpu-demo';

/**
 * `mgpu-translate demo [FOLDER]`: draws a dozen pages, runs two slots on the CPU, and says where to look. Config files and
 * `MGPU_*` variables but `MGPU_PYTHON` don't count. Gives the exit code.
 */
export async function demoCommand(given: string | undefined): Promise<number> {
  const { env } = process;
  const cwd = process.cwd();
  const folder = readFolder(given ?? FOLDER);
  const python = env.MGPU_PYTHON || undefined;
  await findPython(python, { env, cwd }).catch(() => {
    throw noPython(python);
  });
  const pages = path.join(folder, 'pages');
  const count = await drawPages(path.resolve(folder), path.resolve(pages));
  process.stderr.write(
    `${count} pages are in ${shownPath(pages)}\n$ ${shownCommand('run', pages, ...FLAGS)}\n\n`,
  );

  const setting = { ...OPTIONS, input: pages, ...(python && { python }) };
  const exitCode = await translateAndReport({
    options: readTranslateOptions(setting, { cwd, env }),
    reporting: { reporter: 'auto', quiet: false },
    notices: [],
    continueCommand: () => shownCommand('demo', ...(given === undefined ? [] : [given])),
  });
  if (exitCode === 0) await tellWhere(pages, `${pages}-translated`);
  return exitCode;
}

/** Done anew each time: a demo that skips every page shows nothing. */
const OPTIONS = { translator: 'demo', gpus: 'cpu', workersPerGpu: 2, overwrite: 'all' } as const;
/** The same for the command line. */
const FLAGS = ['--translator', 'demo', '--gpus', 'cpu', '--workers-per-gpu', '2', '--overwrite', 'all'];

async function tellWhere(originals: string, translated: string): Promise<void> {
  const { stdout, env } = process;
  const { cyan } = paintFor(stdout, env);
  const out = new LineOutput(stdout);
  out.raw(`
originals   ${shownPath(originals)}
translated  ${shownPath(translated)} (each page is stamped with the slot that made it)
report      ${cyan(shownCommand('report', translated))}
next        ${cyan(shownCommand('run', 'YOUR-PAGES', '--translator', 'YOUR-SCRIPT.py'))}
`);
  await out.written();
}

const shownPath = (file: string): string => escapeControls(path.resolve(file));
const shownCommand = (...words: string[]): string => shellQuote(['mgpu-translate', ...words]);

function readFolder(given: string): string {
  const read = newFolder.safeParse(withHome(given, process.env.HOME || homedir()));
  if (read.success) return read.data;
  const problem = read.error.issues[0]?.message ?? 'is not valid';
  throw badValue({ by: 'flag', flag: 'demo' }, { given, problem });
}

const noPython = (python: string | undefined) =>
  cannotRun(
    python === undefined
      ? 'the demo translator needs Python 3, and neither python3 nor python is on PATH'
      : `MGPU_PYTHON=${python}: there is no such program`,
    'install Python 3, or name one: MGPU_PYTHON=/path/to/python3 mgpu-translate demo',
  );

/** Gives the number of pages. */
async function drawPages(folder: string, pages: string): Promise<number> {
  try {
    await claimDemoFolder(folder);
    return (await drawSamplePages(pages)).length;
  } catch (error) {
    if (errorCode(error) === undefined || isOwnLimit(error)) throw error;
    const why = isForbidden(error) ? 'permission denied' : (writingTrouble(error) ?? errorMessage(error));
    throw cannotRun(
      `the demo can't write to ${folder}: ${why}`,
      'name a folder elsewhere: mgpu-translate demo FOLDER',
    );
  }
}
