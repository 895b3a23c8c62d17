import path from 'node:path';
import { type PageId, WAITING_FOLDER } from '../../model/page.ts';
import { incompleteName, withoutArchiveSuffix } from '../../pages/sources/archive-directory.ts';
import type { RunFolders } from '../outputs/run-folders.ts';

/** Where an archive that is packed goes. */
export interface PackedPlace {
  /** As it is told, and as the ledger has it: relative to the output root. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
}

/** Where things of an archive go, by its id. */
export class ArchivePlaces {
  readonly #folders: Pick<RunFolders, 'output' | 'packed'>;
  readonly #mode: 'pack' | 'folder';

  constructor(folders: Pick<RunFolders, 'output' | 'packed'>, mode: 'pack' | 'folder') {
    this.#folders = folders;
    this.#mode = mode;
  }

  /** Where the outputs of its pages go, relative to the output root; '' is that itself. */
  readonly outputsOf = (archive: PageId): string =>
    this.#mode === 'pack' ? waitingOf(archive) : this.#folderOf(archive);

  /** A page's name in its archive, by where its output is, relative to the output root, with whatever `--archives`. */
  nameWithin(archive: PageId, at: string): string {
    const folder = at.startsWith(`${WAITING_FOLDER}/`) ? waitingOf(archive) : this.#folderOf(archive);
    return folder === '' ? at : at.slice(folder.length + 1);
  }

  /** Where an output that waits to be packed belongs in a run that makes folders; undefined in any other case. */
  movedTo(archive: PageId, at: string): string | undefined {
    if (this.#mode === 'pack' || !at.startsWith(`${WAITING_FOLDER}/`)) return undefined;
    return path.posix.join(this.#folderOf(archive), this.nameWithin(archive, at));
  }

  /** The folder that an archive becomes, relative to the output root. */
  #folderOf(archive: PageId): string {
    return this.#folders.packed === undefined ? withoutArchiveSuffix(archive) : '';
  }

  /** The archive with all of its pages. */
  whole(archive: PageId): PackedPlace {
    const { packed } = this.#folders;
    return packed === undefined ? this.#inOutput(archive) : { name: path.basename(packed), file: packed };
  }

  /** The archive with those pages that are good so far. */
  incomplete(archive: PageId): PackedPlace {
    const { name, file } = this.whole(archive);
    return { name: incompleteName(name), file: incompleteName(file) };
  }

  /** What an earlier run packed, by its name in the ledger. */
  named(name: string): PackedPlace {
    const { packed } = this.#folders;
    return packed === undefined
      ? this.#inOutput(name)
      : { name, file: path.join(path.dirname(packed), name) };
  }

  #inOutput(name: string): PackedPlace {
    return { name, file: path.join(this.#folders.output, name) };
  }
}

const waitingOf = (archive: PageId): string => `${WAITING_FOLDER}/${archive}`;
