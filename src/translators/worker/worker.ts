import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import { outputNameOf } from '../../pages/output-name.ts';
import { importedPackages } from '../imported-packages.ts';
import { pythonFile } from '../python-files.ts';
import { type Elsewhere, FILES, MOST_BYTES, onNode, pythonFilesBeside, shipped } from '../remote.ts';
import type { Command, RemoteWorker, TranslatorShape, WarmTranslator } from '../translator.ts';

/** Where `mgpu_worker.py` is. */
const LIBRARY = path.dirname(pythonFile('mgpu_worker.py'));
const WORKER_LIBRARY = shipped('mgpu_worker.py');

/** What anybody's worker is started with. */
interface WorkerSetup {
  /** Absolute path of the worker: a Python file, or an executable. */
  readonly file: string;
  /** The interpreter, where the worker is a Python file. */
  readonly python: string | undefined;
  /** Everything after `--`. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly format: string | undefined;
  /** The user's own PYTHONPATH. */
  readonly pythonPath: string | undefined;
  /** Set where its workers live on other machines. */
  readonly elsewhere?: Elsewhere;
}

/** `worker:PATH`: anybody's program that speaks the worker protocol. */
export class WorkerTranslator implements WarmTranslator {
  readonly kind = 'warm';
  readonly name: string;
  readonly shape: TranslatorShape;
  readonly format: string | undefined;
  readonly programFolders: readonly string[];
  readonly #setup: WorkerSetup;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
    this.name = path.basename(setup.file);
    this.shape = { translator: 'worker', script: setup.file, args: setup.args };
    this.format = setup.format;
    this.programFolders = [path.dirname(setup.file)];
  }

  command(_slot: Slot): Command {
    const { file, python, args, cwd, pythonPath } = this.#setup;
    // A program that is no Python file may start one. What the user has goes before it.
    const env = { PYTHONPATH: [pythonPath, LIBRARY].filter(Boolean).join(path.delimiter) };
    return python === undefined
      ? { file, args, cwd, env }
      : { file: python, args: [file, ...args], cwd, env };
  }

  async elsewhere(): Promise<RemoteWorker> {
    const { file, python, args, elsewhere } = this.#setup;
    const { python: remotePython = 'python3', home = '/' } = elsewhere ?? {};
    if (python === undefined) {
      const command = { file: onNode(file, home), args, cwd: '', env: { PYTHONPATH: FILES }, placed: [0] };
      return { command: () => command, files: new Map([WORKER_LIBRARY]) };
    }
    const worker = `${FILES}/${path.basename(file)}`;
    const command = {
      file: remotePython,
      args: [worker, ...args],
      cwd: '',
      env: { PYTHONPATH: FILES },
      placed: [0, 1],
    };
    // What the user has goes before ours.
    const files = new Map([WORKER_LIBRARY, ...(await pythonFilesBeside(file))]);
    const packages = await importedPackages(path.dirname(file), [...files], MOST_BYTES);
    return {
      command: () => command,
      files: new Map([...files, ...packages.files]),
      warnings: packages.tooLarge.map(
        (name) =>
          `${name}/ in ${path.dirname(file)} is not sent to the nodes: with its .py files more than 1 MB, or 1000 files, would travel. Install it there, or put what the worker needs of it into a smaller folder.`,
      ),
    };
  }

  outputName(page: PageId): string {
    return outputNameOf(page, this.format);
  }
}
