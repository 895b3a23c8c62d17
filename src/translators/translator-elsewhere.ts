import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { cannotRun, type Refusal, usageError } from '../model/refusal.ts';
import type { RunOptions } from '../model/run-options.ts';
import { notThere } from './not-there.ts';
import { recipeOf } from './recipes/recipes.ts';
import { remotePython } from './remote.ts';
import type { Translator } from './translator.ts';
import { WorkerTranslator } from './worker/worker.ts';

/** Where it is started from. */
interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The translator of a run whose workers live on other machines: neither a Python nor a checkout of theirs need be here.
 * @throws Refusal (2 or 3) for one that is no worker that stays loaded, or that is not there
 */
export async function translatorElsewhere(
  options: RunOptions,
  { cwd, env }: Surroundings,
): Promise<Translator> {
  const { translator, command, translatorArgs: args, format, warm } = options;
  const home = env.HOME || homedir();
  const python = remotePython(options.python, { cwd, home });
  const elsewhere = { python, home };
  if (translator?.startsWith('worker:')) {
    const given = translator.slice('worker:'.length);
    const file = path.resolve(cwd, given);
    const isPython = file.endsWith('.py');
    // A Python file travels; any other program has to be on the nodes, and need not be here.
    const isThere = !isPython || (await stat(file).catch(() => undefined))?.isFile();
    if (!isThere) throw await notThere(translator, 'no such file', cwd);
    const own = { file, python: isPython ? python : undefined, pythonPath: env.PYTHONPATH };
    return new WorkerTranslator({ ...own, args, cwd, format, elsewhere });
  }
  const isOther =
    translator !== undefined && (translator.endsWith('.py') || recipeOf(translator) !== undefined);
  if (command !== undefined || isOther || !warm) throw loadsForEachBatch(options);
  if (translator === 'demo') {
    const { DemoWorker } = await import('./demo/demo-worker.ts');
    return new DemoWorker({ python, cwd, args, format });
  }
  const [{ mangaElsewhere }, { mangaImageTranslator }] = await Promise.all([
    import('./manga-image-translator/find.ts'),
    import('./manga-image-translator/manga.ts'),
  ]);
  const found = await mangaElsewhere({ wanted: translator, cwd });
  if (!found)
    throw cannotRun(
      '--engine ray: no translator is named',
      'choose one: --translator worker:PATH, manga-image-translator or its checkout on the nodes, or demo',
    );
  return mangaImageTranslator({ found, python, cwd, args, format, warm, elsewhere });
}

/** Batches would need a folder that all machines share. */
const loadsForEachBatch = ({ command, translator, warm }: RunOptions): Refusal => {
  const what = command !== undefined ? '--command' : warm ? `--translator ${translator}` : '--warm off';
  return usageError(
    `--engine ray takes workers that stay loaded, and ${what} starts for each batch of pages`,
    'use --translator worker:PATH, or run on each machine by itself: --part 1/2, --part 2/2',
  );
};
