import { Refusal } from '../model/refusal.ts';
import { findPython, type Python, pythonLines } from '../translators/python.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';

const LIMIT_MS = 20_000;
const BECAUSE: Readonly<Record<Python['because'], string>> = {
  '--python': 'given by --python',
  $VIRTUAL_ENV: 'from the active virtual environment ($VIRTUAL_ENV)',
  PATH: 'the first on PATH',
};

/** The chosen interpreter, and what is to be said of it. */
interface PythonFinding {
  readonly file?: string;
  readonly finding: Finding;
}

/** Which Python runs translators, why that one, and whether it is new enough for the launcher's own workers. */
export async function checkPython({ options, env, cwd, call }: DoctorContext): Promise<PythonFinding> {
  let python: Python;
  try {
    python = await findPython(options.python, { env, cwd });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A --command may need none.
    const say = options.command === undefined ? trouble : warning;
    return { finding: say('Python', error.message, error.hint) };
  }
  const { file, because } = python;
  const why = `${file}, ${BECAUSE[because]}`;
  const print = 'sys.stdout.write("\\nmgpu:%d.%d.%d\\n" % sys.version_info[:3])';
  const end = await call({ command: file, ...pythonLines(print, env), timeoutMs: LIMIT_MS });
  const [, version, major, minor] =
    /^mgpu:((\d+)\.(\d+)\.\d+)$/m.exec(end.by === 'exit' ? end.stdout : '') ?? [];
  if (version === undefined) {
    const words =
      end.by === 'exit' ? (end.stderr.trim().split('\n').at(-1) ?? '') : 'no response within 20 s';
    return {
      finding: trouble('Python', `${why}: it does not work: ${words}`, 'choose another one: --python PATH'),
    };
  }
  if (Number(major) < 3 || (Number(major) === 3 && Number(minor) < 8)) {
    return {
      file,
      finding: trouble(
        'Python',
        `${version}, ${why}: 3.8 or later is required`,
        'choose a newer one: --python PATH',
      ),
    };
  }
  return { file, finding: fine('Python', `${version}, ${why}`) };
}
