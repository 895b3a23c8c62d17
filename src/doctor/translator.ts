import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { workerEnvironment } from '../devices/slots.ts';
import { findProgram } from '../model/find-program.ts';
import { Refusal } from '../model/refusal.ts';
import type { Slot } from '../model/slot.ts';
import { redactorFor } from '../run/run-redactor.ts';
import type { RunFolders } from '../store/outputs/run-folders.ts';
import { findTranslator } from '../translators/find-translator.ts';
import { ScriptTranslator } from '../translators/script/script.ts';
import type { Command, OneShotTranslator, Translator } from '../translators/translator.ts';
import { assertFit } from '../translators/unfit-path.ts';
import { mainLine } from '../workers/last-words.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, unchecked, warning } from './finding.ts';
import { lookAtScript, type ScriptLook } from './look-at-script.ts';
import { tryWarm } from './try-warm.ts';

const CHECK = 'translator';
const LIMIT_MS = 60_000;
const PYTHON = /^(?:python|pypy)[\d.]*$/;
const UNSEEN = unchecked(CHECK, 'the first page shows whether it works');
const NO_FOLDERS = { input: 'in', output: 'out', page: 'page.png' };

/** Which translator a run would take, how it was found, and whether it starts. */
export async function checkTranslator(
  context: DoctorContext,
  slot: Slot,
  folders: Pick<RunFolders, 'work'> | undefined,
): Promise<Finding[]> {
  const { options, cwd, env, call } = context;
  let translator: Translator;
  try {
    translator = await findTranslator(options, { cwd, env, run: call });
    if (folders) assertFit(translator, folders.work);
  } catch (error) {
    if (error instanceof Refusal) return [trouble(CHECK, error.message, error.hint)];
    throw error;
  }
  const found = `${translator.name}: ${howFound(context)}`;
  const tried =
    translator.kind === 'warm'
      ? await tryWarm(translator, { context, slot })
      : await tryOneShot(translator, { context, slot });
  return [{ ...tried, text: `${found}; ${tried.text}` }];
}

function howFound({ options: { command, translator } }: DoctorContext): string {
  if (command !== undefined) return 'given by --command';
  return translator === undefined
    ? 'found in the current folder or by Python'
    : `given by --translator ${translator}`;
}

async function tryOneShot(
  translator: OneShotTranslator,
  { context, slot }: { context: DoctorContext; slot: Slot },
): Promise<Finding> {
  const { options, env, cwd, call, quote } = context;
  const command = translator.command(NO_FOLDERS, slot);
  if ((await findProgram(command.file, env, command.cwd)) === undefined) {
    return trouble(
      CHECK,
      `${command.file} does not exist or is not executable`,
      `chmod +x ${quote([command.file])}`,
    );
  }
  const help = helpOf(command);
  const isOwn = translator instanceof ScriptTranslator && !translator.isKnown;
  const look = isOwn ? await lookAt(command, context) : undefined;
  if (look?.error != null) return trouble(CHECK, `it does not start: ${look.error}`);
  // A program that takes no arguments would begin to translate.
  if (isOwn && look?.help !== true) return look ? unstarted(look, command, context) : UNSEEN;
  if (help === undefined) return UNSEEN;
  const set = workerEnvironment({ slot, slots: [slot], env, cores: availableParallelism() });
  // As the run starts it: from its own folder, with what it sees of the GPUs.
  const end = await call({
    command: command.file,
    args: help,
    env: { ...env, ...set, ...command.env, PYTHONDONTWRITEBYTECODE: '1' },
    timeoutMs: LIMIT_MS,
    cwd: command.cwd,
  });
  const tried = quote([command.file, ...help]);
  if (end.by === 'missing') return trouble(CHECK, `${command.file} can't be started`);
  if (end.by === 'timeout')
    return warning(CHECK, `no response to --help within ${LIMIT_MS / 1000} s`, `try it: ${tried}`);
  if (end.code === 0) return fine(CHECK, 'it starts (--help works)');
  const redact = await redactorFor(options, { env, cwd, programFolders: translator.programFolders });
  const said = redact.text(`${end.stdout}\n${end.stderr}`);
  const words = mainLine(said.split('\n').filter((line) => line.trim() !== ''));
  const missing = /No module named '?([\w.]+)/.exec(words)?.[1];
  const ended = `--help ends with exit code ${end.code ?? 'none'}: ${words || 'no output'}`;
  const install = missing === undefined ? undefined : await installing(missing, command, context);
  // What it is started with in a run are other arguments.
  if (options.command !== undefined) return unchecked(CHECK, ended, install ?? `try it: ${tried}`);
  if (install !== undefined) return trouble(CHECK, `it does not start: ${words}`, install);
  const isException = /^(?:\w+\.)*\w*(?:Error|Exception)\b/.test(words);
  return isException
    ? trouble(CHECK, `it does not start: ${words}`, `see its output: ${tried}`)
    : warning(CHECK, ended, `try it: ${tried}`);
}

/** What its source shows; undefined where it is no script that Python is started with. */
async function lookAt(command: Command, context: DoctorContext): Promise<ScriptLook | undefined> {
  const [script = ''] = command.args;
  // Other programs take a script, too: torchrun.
  const isPython = context.options.command === undefined || PYTHON.test(path.basename(command.file));
  if (!isPython || !script.endsWith('.py')) return undefined;
  return lookAtScript({ python: command.file, script, cwd: command.cwd }, context);
}

/** A script that nobody could start without it beginning to translate. */
async function unstarted(
  { missing }: ScriptLook,
  command: Command,
  context: DoctorContext,
): Promise<Finding> {
  return missing === null
    ? fine(CHECK, 'it compiles; not started, as it may not know --help')
    : trouble(
        CHECK,
        `it does not start: ModuleNotFoundError: No module named '${missing}'`,
        await installing(missing, command, context),
      );
}

/** Arguments that make a Python program say what it takes, and so import what it needs; undefined for other programs. */
function helpOf({ args }: Command): string[] | undefined {
  const [first = '', second = ''] = args;
  if (first.endsWith('.py')) return [first, '--help'];
  return first === '-m' ? [first, second, '--help'] : undefined;
}

/** Names that are not those of their packages. */
const PACKAGES: Readonly<Record<string, string>> = {
  cv2: 'opencv-python',
  PIL: 'Pillow',
  yaml: 'PyYAML',
  sklearn: 'scikit-learn',
  skimage: 'scikit-image',
  dotenv: 'python-dotenv',
};

/** The command that installs a module that a program lacks. */
async function installing(module: string, command: Command, { cwd, quote }: DoctorContext): Promise<string> {
  return `${quote([command.file])} -m pip install ${await packageFor(module, command, cwd)}`;
}

/** What pip is to install: the requirements where they lie beside the program, else the package of the module. */
async function packageFor(missing: string, { args, cwd: folder }: Command, cwd: string): Promise<string> {
  const beside = args[0]?.endsWith('.py') ? path.dirname(args[0]) : folder;
  const requirements = path.join(beside, 'requirements.txt');
  if (await stat(requirements).catch(() => undefined))
    return `-r ${path.relative(cwd, requirements) || requirements}`;
  const module = missing.split('.')[0] ?? missing;
  return PACKAGES[module] ?? module;
}
