import type { PageId } from '../../model/page.ts';
import type { Slot } from '../../model/slot.ts';
import { OWN_NAMES } from '../../pages/output-pattern.ts';
import type { BatchFolders, Command, OneShotTranslator, TranslatorShape } from '../translator.ts';
import { urlQuoted } from './arguments.ts';
import { OneShotLog } from './one-shot-log.ts';
import { mangaNameInBatch, mangaOutputName } from './output-names.ts';
import { checkOneShot, deviceOptions, type MangaSetup, mangaCwd, mangaFolders, mangaShape } from './warm.ts';

/**
 * manga-image-translator's command line: loads its models for each batch. With `--ignore-errors` one page's failure ends
 * no other; what it then saves untranslated is told from its log. `--skip-no-text` is served by the launcher: the program takes
 * a page whose translation failed for one without text, too.
 */
export class MangaImageTranslatorOneShot implements OneShotTranslator {
  readonly kind = 'one-shot';
  readonly name = 'manga-image-translator';
  readonly shape: TranslatorShape;
  readonly format: string | undefined;
  readonly programFolders: readonly string[];
  readonly outputPattern = OWN_NAMES;
  readonly readsOnly = true;
  readonly #setup: MangaSetup;

  /** @throws Refusal (exit 2) for options that its command line can't serve */
  constructor(setup: MangaSetup, format: string | undefined) {
    checkOneShot(setup.args);
    this.#setup = setup;
    this.format = format;
    this.shape = mangaShape(setup);
    this.programFolders = mangaFolders(setup);
  }

  command({ input, output }: BatchFolders, slot: Slot): Command {
    const { python, args } = this.#setup;
    const local = [
      '-m',
      'manga_translator',
      'local',
      '-i',
      urlQuoted(input),
      '-o',
      output,
      '--overwrite',
      '--ignore-errors',
    ];
    return {
      file: python,
      args: [
        ...local,
        ...deviceOptions(this.#setup, slot),
        ...args.passed.filter((word) => word !== '--skip-no-text'),
      ],
      cwd: mangaCwd(this.#setup),
      env: {},
    };
  }

  outputsOf({ output }: BatchFolders): string {
    return output;
  }

  afterRefusal(): undefined {
    return undefined;
  }

  outputName(page: PageId): string {
    return mangaOutputName(page, this.format);
  }

  nameInBatch(page: PageId): string {
    return mangaNameInBatch(page, this.format);
  }

  /** What tells from the lines of its stderr what became of each page of a batch. */
  logOf(batch: BatchFolders): OneShotLog {
    return new OneShotLog(batch, { skipNoText: this.#setup.args.skipNoText });
  }
}
