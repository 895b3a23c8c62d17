import path from 'node:path';
import { readingTrouble } from '../model/file-errors.ts';
import type { Page, PageId } from '../model/page.ts';
import type { Inspector, OutputLook } from '../pages/inspector.ts';
import { isContentOf } from '../pages/same-content.ts';
import { asWholeAsSource } from '../pages/verdict.ts';
import type { FoundOutput } from './found-output.ts';
import { writtenMs } from './written-time.ts';

/** A file that was seen in a batch's output folder. */
export interface SeenFile {
  readonly page: PageId;
  /** Relative to the output folder. */
  readonly name: string;
  readonly ctimeMs: number;
  /** On the launcher's monotonic clock, as `notBeforeMs`. */
  readonly writtenMs: number;
  readonly notBeforeMs: number;
}

/** What a check says of a file. */
export type CheckedFile =
  | {
      readonly isOutput: true;
      readonly output: FoundOutput;
      /** Its content is the source's. */
      readonly isCopy: boolean;
      readonly ctimeMs: number;
    }
  | { readonly isOutput: false; readonly why: string };

interface OutputCheckSetup {
  /** Where the outputs are. */
  readonly folder: string;
  readonly pages: ReadonlyMap<PageId, Page>;
  /** Size of each page's source, in bytes. */
  readonly sourceBytes: ReadonlyMap<PageId, number>;
  readonly inspector: Pick<Inspector, 'verify'>;
}

/** Says which files are outputs: whole ones, and those that are their source again, though that may be cut. */
export class OutputCheck {
  readonly #setup: OutputCheckSetup;

  constructor(setup: OutputCheckSetup) {
    this.#setup = setup;
  }

  /** In the order of the files. */
  async check(files: readonly SeenFile[]): Promise<CheckedFile[]> {
    const paths = files.map(({ name }) => path.join(this.#setup.folder, name));
    const looks = await this.#setup.inspector.verify(paths);
    const checked: CheckedFile[] = [];
    for (const [at, look] of looks.entries()) {
      const file = files[at];
      if (file) checked.push(await this.#judge(file, paths[at] ?? '', look));
    }
    return checked;
  }

  async #judge(
    file: SeenFile,
    at: string,
    { verdict, ctimeMs = file.ctimeMs }: OutputLook,
  ): Promise<CheckedFile> {
    if ('missing' in verdict) {
      return {
        isOutput: false,
        why: `it can't be read: ${readingTrouble(verdict.missing) ?? verdict.missing}`,
      };
    }
    const asSource = asWholeAsSource(verdict);
    if (!asSource.whole) return { isOutput: false, why: asSource.why };
    const isCopy = await this.#isSource(file.page, at, asSource.bytes);
    if (!verdict.whole && !isCopy) return { isOutput: false, why: verdict.why };
    const { whole: _whole, ...found } = asSource;
    // Its time on another clock tells only whether it was written to since.
    const written = ctimeMs === file.ctimeMs ? file.writtenMs : writtenMs({ ctimeMs }, file);
    const output = { page: file.page, name: file.name, path: at, writtenMs: written, ...found };
    return { isOutput: true, output, isCopy, ctimeMs };
  }

  /** Mostly its size tells. */
  async #isSource(page: PageId, file: string, bytes: number): Promise<boolean> {
    const source = this.#setup.pages.get(page);
    if (!source || this.#setup.sourceBytes.get(page) !== bytes) return false;
    return isContentOf(source, file, bytes);
  }
}
