import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunOptions } from '../options.ts';
import { cannotRun } from '../refusal.ts';
import { demoTranslator } from './demo/demo.ts';
import { findPython } from './python.ts';
import { parseTemplate } from './script/command-template.ts';
import { ScriptTranslator } from './script/script.ts';
import type { Translator } from './translator.ts';

const WAYS =
  'name one: --translator path/to/translate.py, --command "PROGRAM {input} {output}", or --translator demo to see how a run looks';

/** Where a translator is looked for. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The translator of a run: `--command`, `--translator`, else `translate.py` in the current folder. The demo is never taken
 * unasked: nobody wants stamped pages by surprise.
 * @throws Refusal (exit 3) where there is none, or no Python to run it
 */
export async function findTranslator(
  { translator, command, python, translatorArgs }: RunOptions,
  around: Surroundings,
): Promise<Translator> {
  const { cwd } = around;
  if (command !== undefined) {
    const template = parseTemplate(command);
    return new ScriptTranslator({
      name: path.basename(template.words[0] ?? ''),
      template,
      args: translatorArgs,
      cwd,
      shape: { translator: 'command', command, args: translatorArgs },
    });
  }
  if (translator === 'demo')
    return demoTranslator({ python: await findPython(python, around), args: translatorArgs, cwd });
  const script = translator ?? 'translate.py';
  const file = path.resolve(cwd, script);
  const found = await stat(file).catch(() => undefined);
  if (translator === undefined && !found?.isFile()) {
    throw cannotRun('no translator was found: there is no translate.py in the current folder', WAYS);
  }
  if (!found) throw cannotRun(`--translator ${script}: there is no such file`, WAYS);
  if (!found.isFile() || !script.endsWith('.py')) {
    throw cannotRun(
      `--translator ${script}: not a Python script`,
      'any other program goes with --command "PROGRAM {input} {output}"',
    );
  }
  const { file: interpreter } = await findPython(python, around);
  return new ScriptTranslator({
    name: path.basename(file),
    template: { words: [interpreter, file, '--input', '{input}', '--output', '{output}'] },
    args: translatorArgs,
    cwd,
    shape: { translator: 'script', script: file, args: translatorArgs },
  });
}
