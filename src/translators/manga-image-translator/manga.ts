import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import type {
  Command,
  OneShotTranslator,
  RemoteWorker,
  TranslatorShape,
  WarmTranslator,
} from '../translator.ts';
import { mangaFormat, readMangaArguments } from './arguments.ts';
import { readMangaConfig } from './config-file.ts';
import { modelsMissing } from './find.ts';
import { MangaImageTranslatorOneShot } from './one-shot.ts';
import { mangaOutputName } from './output-names.ts';
import {
  checkWarm,
  type MangaSetup,
  mangaFolders,
  mangaRemoteWorker,
  mangaShape,
  mangaWarmCommand,
} from './warm.ts';

/** manga-image-translator kept loaded: one worker a slot on its Python API. */
class MangaImageTranslator implements WarmTranslator {
  readonly kind = 'warm';
  readonly readsOnly = true;
  readonly name = 'manga-image-translator';
  readonly shape: TranslatorShape;
  readonly format: string | undefined;
  readonly warnings: readonly string[];
  readonly carriesContext: boolean;
  readonly programFolders: readonly string[];
  /** `--save-text` and `--prep-manual` do. */
  readonly leavesOtherFiles = true;
  readonly #setup: MangaSetup;

  /** @throws Refusal (exit 2) for options that a warm worker can't serve */
  constructor(setup: MangaSetup, format: string | undefined, usesContext: boolean) {
    this.#setup = setup;
    this.format = format;
    this.shape = mangaShape(setup);
    this.programFolders = mangaFolders(setup);
    this.warnings = checkWarm(setup.args);
    this.carriesContext = setup.args.contextSize > 0 && usesContext;
  }

  command(_slot: Slot): Command {
    return mangaWarmCommand(this.#setup);
  }

  async elsewhere(): Promise<RemoteWorker> {
    return mangaRemoteWorker(this.#setup);
  }

  outputName(page: PageId): string {
    return mangaOutputName(page, this.format);
  }

  needsFirstStart(): Promise<boolean> {
    const { args, found } = this.#setup;
    return modelsMissing(args.modelDir ?? path.join(found.root, 'models'));
  }
}

/**
 * The adapter for a package that was found: warm, or its command line for each batch.
 * @throws Refusal (exit 2) for options behind `--` that are wrong, or that the launcher has in its own hands
 */
export async function mangaImageTranslator({
  args,
  format,
  warm,
  ...around
}: Pick<MangaSetup, 'found' | 'python' | 'cwd' | 'elsewhere'> & {
  args: readonly string[];
  format: string | undefined;
  warm: boolean;
}): Promise<WarmTranslator | OneShotTranslator> {
  const read = readMangaArguments(args, around.cwd);
  const config = read.configFile === undefined ? undefined : await readMangaConfig(read.configFile);
  const setup: MangaSetup = { ...around, args: read, ...(config && { configHash: config.hash }) };
  const suffix = mangaFormat(format, read);
  if (warm) return new MangaImageTranslator(setup, suffix, config?.usesContext ?? false);
  return new MangaImageTranslatorOneShot(setup, suffix);
}
