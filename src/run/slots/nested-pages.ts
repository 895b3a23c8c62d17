import { cannotRun, type Refusal } from '../../model/refusal.ts';
import { plural } from '../../report/format.ts';
import { tellsException } from '../../workers/last-words.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';

/** A batch after its child's end, by the names that pages have in it. */
interface EndedBatch extends Pick<OneShotEnd, 'end' | 'endedBy' | 'lastLines'> {
  readonly pages: readonly string[];
  readonly done: ReadonlySet<string>;
  /** Pages that the child named, or left a broken output of. */
  readonly touched: ReadonlySet<string>;
  /** Absolute. */
  readonly input: string;
}

/** Of fewer, a script may have passed over each for a reason of its own. */
const FEWEST_PASSED_OVER = 2;

/** Tells of a script that reads one level of folders: the pages in sub-folders never come out. */
export class NestedPages {
  #haveCome = false;

  /** A page is done, or was come to, under this name in its batch. */
  came(name: string): void {
    this.#haveCome ||= name.includes('/');
  }

  /**
   * What a child's end tells: `surely`, where it did the pages beside the folders and none of those in them, or ended at a
   * folder; `perhaps`, where it ended well and did nothing of pages that are all in folders.
   */
  judge({ pages, done, touched, input, end, endedBy, lastLines }: EndedBatch): 'surely' | 'perhaps' | 'no' {
    const nested = pages.filter((page) => page.includes('/'));
    const top = pages.filter((page) => !page.includes('/'));
    if (this.#haveCome || nested.length === 0 || end.by !== 'exit' || endedBy !== undefined) return 'no';
    if (nested.some((page) => done.has(page) || touched.has(page))) return 'no';
    const folders = new Set(nested.map((page) => `${input}/${page.slice(0, page.indexOf('/'))}`));
    if (lastLines.some((line) => namesFolder(line, folders))) return 'surely';
    if (end.code !== 0 || tellsException(lastLines) || !top.every((page) => done.has(page))) return 'no';
    return top.length > 0 && nested.length >= FEWEST_PASSED_OVER ? 'surely' : 'perhaps';
  }
}

/** What is said of a folder that was taken for a file: Python's words, OpenCV's, Pillow's, and others'. */
const NO_FILE =
  /is a directory|\b(?:can't|cannot|could not|unable to|failed to) (?:open|read|load|identify|decode)\b/i;

/** True for a line that complains of one of the folders by itself, as that of a program which opens whatever it finds. */
const namesFolder = (line: string, folders: ReadonlySet<string>): boolean =>
  NO_FILE.test(line) &&
  [...folders].some((folder) => {
    const at = line.indexOf(folder);
    return at !== -1 && /^(?:$|["'`)\]:,;\s])/.test(line.slice(at + folder.length));
  });

/** What helps a script that reads one level. */
export const ONE_LEVEL_HINT =
  'add --batch-layout folder (one folder at a time) or --batch-layout flat (all pages in one folder)';

/** The run's end where a script surely reads one level. */
export const readsOneLevel = (
  program: string,
  { pages, done }: Pick<EndedBatch, 'pages' | 'done'>,
): Refusal => {
  const nested = pages.filter((page) => page.includes('/')).length;
  return cannotRun(
    `${program} translated ${plural(done.size, 'page')}, and none of ${nested} in sub-folders: it seems to read one level of folders`,
    `${ONE_LEVEL_HINT}; if it reads sub-folders, --batch-layout tree`,
    [],
    { '--batch-layout': 'folder' },
  );
};
