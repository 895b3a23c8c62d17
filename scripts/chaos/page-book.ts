import { mkdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pagePng, translationOf } from './png-page.ts';

/** What is known of one page: what its file holds now, and all that it ever held. */
interface KnownPage {
  /** Null: the file was removed. */
  content: Buffer | null;
  isWhole: boolean;
  /** Whole ones, oldest first; the last is put back when a cut or removed page is restored. */
  readonly versions: Buffer[];
  /** Files that chaos itself put in the place of its output. */
  readonly foreign: Buffer[];
  /** Its source or output was tampered with since its last good outcome was told: making it again is right. */
  touched: boolean;
}

/** Keeps the books on the originals: whatever differs from them was done by the program. */
export class PageBook {
  readonly input: string;
  readonly #pages = new Map<string, KnownPage>();

  constructor(input: string) {
    this.input = input;
  }

  async add(id: string, padding: number): Promise<void> {
    const content = pagePng(`${id} 1`, padding);
    this.#pages.set(id, { content, isWhole: true, versions: [content], foreign: [], touched: false });
    await mkdir(dirname(this.#path(id)), { recursive: true });
    await writeFile(this.#path(id), content);
  }

  get ids(): string[] {
    return [...this.#pages.keys()];
  }

  /** Pages whose file is there. */
  get present(): string[] {
    return this.ids.filter((id) => this.of(id).content !== null);
  }

  /** @throws Error for a page that is none of these */
  of(id: string): KnownPage {
    const page = this.#pages.get(id);
    if (!page) throw new Error(`no such page: ${id}`);
    return page;
  }

  has(id: string): boolean {
    return this.#pages.has(id);
  }

  async remove(id: string): Promise<void> {
    this.#change(id, null, false);
    await rm(this.#path(id), { force: true });
  }

  /** Shortens the file in place. */
  async cut(id: string, share: number): Promise<void> {
    const page = this.of(id);
    if (!page.content) return;
    const bytes = Math.floor((page.content.length - 1) * share);
    this.#change(id, page.content.subarray(0, bytes), false);
    await truncate(this.#path(id), bytes);
  }

  /** Puts another file in its place, or other content into the same file. */
  async replace(id: string, { inPlace }: { inPlace: boolean }): Promise<void> {
    const page = this.of(id);
    const content = pagePng(`${id} ${page.versions.length + 1}`, page.versions[0]?.length ?? 0);
    page.versions.push(content);
    this.#change(id, content, true);
    await this.#put(id, content, inPlace);
  }

  async touch(id: string): Promise<void> {
    if (!this.of(id).content) return;
    this.of(id).touched = true;
    const now = Date.now() / 1000;
    await utimes(this.#path(id), now, now);
  }

  /** Puts the last whole content back where the file is cut or gone. */
  async restore(id: string): Promise<void> {
    const page = this.of(id);
    const content = page.versions.at(-1);
    if (page.isWhole || !content) return;
    this.#change(id, content, true);
    await this.#put(id, content, false);
  }

  /** Translations that may stand in a page's place, the right one last. */
  translations(id: string): Buffer[] {
    return this.of(id).versions.map(translationOf);
  }

  /** When the file was changed last, in milliseconds; undefined where it is not there. */
  async changedMs(id: string): Promise<number | undefined> {
    return stat(this.#path(id)).then(
      ({ ctimeMs }) => ctimeMs,
      () => undefined,
    );
  }

  async #put(id: string, content: Buffer, inPlace: boolean): Promise<void> {
    if (inPlace) return writeFile(this.#path(id), content);
    // Outside of the input: the program would take it for a page.
    const beside = join(dirname(this.input), `replacing-${Math.random().toString(36).slice(2)}`);
    await writeFile(beside, content);
    await rename(beside, this.#path(id));
  }

  #change(id: string, content: Buffer | null, isWhole: boolean): void {
    Object.assign(this.of(id), { content, isWhole, touched: true });
  }

  #path(id: string): string {
    return join(this.input, id);
  }
}
