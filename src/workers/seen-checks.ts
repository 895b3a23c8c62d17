import type { PageId } from '../model/page.ts';
import type { FoundOutput } from './found-output.ts';
import type { CheckedFile, OutputCheck } from './output-check.ts';
import { hasChanged, type Seen } from './seen-output.ts';
import type { SourceCopies } from './source-copies.ts';

/** Reads the files that a one-shot translator has written, and notes what they turned out to be. */
export class SeenChecks {
  readonly #folder: string;
  readonly #check: OutputCheck;
  readonly #copies: SourceCopies;

  constructor({ folder, check, copies }: { folder: string; check: OutputCheck; copies: SourceCopies }) {
    this.#folder = folder;
    this.#check = check;
    this.#copies = copies;
  }

  /** The files' outputs where they are whole; notes which are copies of their sources, and which are broken. */
  async outputsOf(
    files: readonly Seen[],
  ): Promise<{ readonly seen: Seen; readonly output: FoundOutput | undefined }[]> {
    const unknown = files.filter(({ copy }) => !copy);
    const checked = unknown.length === 0 ? [] : await this.#check.check(unknown);
    const outputs = new Map(unknown.map((seen, at) => [seen, this.#noted(seen, checked[at])]));
    return files.map((seen) => ({ seen, output: outputs.get(seen) ?? seen.copy?.output }));
  }

  #noted(seen: Seen, checked: CheckedFile | undefined): FoundOutput | undefined {
    if (!checked?.isOutput) {
      seen.isBroken = true;
      return undefined;
    }
    const { output, isCopy, ctimeMs } = checked;
    if (isCopy) seen.copy = { output, ctimeMs };
    else this.#copies.differs(seen.page);
    return output;
  }

  /** Those that may have become whole: to check a broken one again takes as long as to read it. */
  async changed(files: readonly Seen[]): Promise<Seen[]> {
    const changed: Seen[] = [];
    for (const seen of files)
      if (!seen.isBroken || (await hasChanged(this.#folder, seen))) changed.push(seen);
    return changed;
  }

  /** Each file's page, with the reason why the file is no whole output. */
  async whyBroken(files: readonly Seen[]): Promise<Map<PageId, string>> {
    const checked = files.length === 0 ? [] : await this.#check.check(files);
    const whyOf = (file: CheckedFile): string =>
      file.isOutput ? 'it changed while it was checked' : file.why;
    return new Map(checked.map((file, at) => [files[at]?.page ?? '', whyOf(file)]));
  }
}
