import type { PageId } from '../../model/page.ts';
import { outputNameOf } from '../../pages/output-name.ts';
import { pythonFile } from '../python-files.ts';
import { FILES, shipped } from '../remote.ts';
import type { Command, RemoteWorker, TranslatorShape, WarmTranslator } from '../translator.ts';

const WORKER = 'demo_worker.py';

/** The demo kept loaded, for engines that take nothing else: its pages are those of the demo. */
export class DemoWorker implements WarmTranslator {
  readonly kind = 'warm';
  readonly name = 'demo';
  readonly readsOnly = true;
  readonly shape: TranslatorShape;
  readonly format: string | undefined;
  readonly #setup: { readonly python: string; readonly cwd: string; readonly args: readonly string[] };

  constructor({
    format,
    ...setup
  }: {
    readonly python: string;
    readonly cwd: string;
    readonly args: readonly string[];
    readonly format: string | undefined;
  }) {
    this.#setup = setup;
    this.format = format;
    this.shape = { translator: 'demo', args: setup.args };
  }

  command(): Command {
    const { python, cwd, args } = this.#setup;
    return { file: python, args: [pythonFile(WORKER), ...args], cwd, env: {} };
  }

  async elsewhere(): Promise<RemoteWorker> {
    const { python, args } = this.#setup;
    const worker = `${FILES}/${WORKER}`;
    const command = { file: python, args: [worker, ...args], cwd: '', env: {}, placed: [0, 1] };
    const names = [WORKER, 'demo_page.py', 'demo_translate.py', 'demo_font.py', 'mgpu_worker.py'];
    return { command: () => command, files: new Map(names.map(shipped)) };
  }

  outputName(page: PageId): string {
    return outputNameOf(page, this.format);
  }
}
