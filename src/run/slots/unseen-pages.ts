import type { Emit } from '../../model/events.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';
import type { Command } from '../../translators/translator.ts';
import { ONE_LEVEL_HINT } from './nested-pages.ts';

/** Of a page, with its name: Python's words, and OpenCV's. That it can't be read may be the page's own fault. */
const MISSING = /no such file|file ?not ?found|(?:does not|doesn't|not) exist|check file path|\bENOENT\b/i;
const IMAGES = String.raw`(?:(?:input|valid|source|matching|supported|image|manga|comic) )*(?:images?|pages?|pictures?|files?)\b`;
/** What a program says that passes over links which lead nowhere. Other words between would make it models, fonts or texts. */
const NOTHING_THERE = new RegExp(
  [
    String.raw`\bno ${IMAGES} (?:were |was )?(?:found|in|to|at)\b`,
    String.raw`\b(?:found|processing) 0(?= ${IMAGES}| in\b|\W*$)`,
    String.raw`\b0 ${IMAGES}(?! (?:failed|skipped|left|remaining))`,
    String.raw`\bnothing to (?:do|translate|process)\b`,
  ].join('|'),
  'i',
);
/** Programs that start another one where it sees other files. */
const CONTAINERS =
  /^(?:docker|podman|nerdctl|apptainer|singularity|enroot|udocker|lxc|distrobox|toolbox|flatpak|bwrap|firejail|systemd-run|systemd-nspawn|chroot|unshare)$/;

/** A command as its words. */
export const commandWords = ({ file, args }: Pick<Command, 'file' | 'args'>): readonly string[] => [
  file,
  ...args,
];

/** True for a command that starts a program in a container or sandbox, which may see other files. */
export const isContained = (command: readonly string[]): boolean =>
  command.some((word) => CONTAINERS.test(word.slice(word.lastIndexOf('/') + 1)));

/** True where a line has the name of a file as a whole: `1.png` is not in `model-1.png`. */
function isNamed(name: string, line: string): boolean {
  const at = line.indexOf(name);
  if (at === -1) return false;
  const isWhole =
    !/[\p{L}\p{N}_.-]$/u.test(line.slice(0, at)) &&
    !/^(?:[\p{L}\p{N}_-]|\.\w)/u.test(line.slice(at + name.length));
  return isWhole || isNamed(name, line.slice(at + 1));
}

/** What a worker had that made no page, and what it said. */
interface Said {
  /** The words of its command. */
  readonly command: readonly string[];
  readonly lines: readonly string[];
  /** File names of its pages. */
  readonly names: readonly string[];
  /** It said that it was at one of its pages: what it says of none is no sign then. */
  readonly hasNamed: boolean;
  /** Where its outputs were to go: what is missing there is no page. */
  readonly output: string;
  /** The program's name, where it may be one that reads one level of folders, and has pages in sub-folders alone. */
  readonly program?: string;
  readonly mayReadOneLevel?: boolean;
}

/**
 * Tells why workers make nothing: they don't understand how they are started, or don't see pages that the launcher has seen,
 * because what links lead to is not in every container or sandbox, or because they read one level of folders. As long as no
 * page was done.
 */
export class UnseenPages {
  readonly #emit: Emit;
  readonly #links: LinkMode;
  /** What workers said that made pages of copies: it is no sign of what links lead to. */
  readonly #saidOfCopies = new Set<string>();
  #hasMade = false;
  #hasWorked = false;
  #hint: string | undefined;

  constructor(emit: Emit, links: LinkMode) {
    this.#emit = emit;
    this.#links = links;
  }

  /** What to try, where it seems so: for the run's end. */
  get hint(): string | undefined {
    return this.#hasWorked ? undefined : this.#hint;
  }

  /** A page is done: its worker saw it. */
  worked(): void {
    this.#hasMade = true;
    // Of a copy that says nothing of what links lead to.
    if (!this.#links.isTrial) this.#hasWorked = true;
  }

  /** A worker that had copies has made some pages, and left others. */
  leftCopies(lines: readonly string[]): void {
    for (const line of lines) this.#saidOfCopies.add(line);
  }

  /** A worker has made no page, and says why, see `OneShotTranslator.complaint`. The first of these is told. */
  complained(complaint: string): void {
    if (this.#hasWorked || this.#hint !== undefined) return;
    this.#hint = complaint;
    this.#emit({ type: 'notice', level: 'warn', text: `${complaint}.` });
  }

  /** A worker has made no page. The first one that doesn't see its pages is told of. */
  heard(said: Said): void {
    const {
      command,
      lines,
      names,
      hasNamed,
      output,
      program = 'The translator',
      mayReadOneLevel = false,
    } = said;
    if (this.#hasWorked || this.#hint !== undefined) return;
    const contained = isContained(command);
    if (mayReadOneLevel && !contained) {
      this.#tell(
        `${program} translated none of its pages, which are all in sub-folders`,
        `if it reads one level of folders, ${ONE_LEVEL_HINT}`,
      );
      return;
    }
    if (this.#links.copies) return;
    const isOfPage = (line: string): boolean => names.some((name) => isNamed(name, line));
    const seesPages = hasNamed || lines.some(isOfPage);
    const misses = lines.some(
      (line) =>
        !this.#saidOfCopies.has(line) &&
        ((!seesPages && NOTHING_THERE.test(line)) ||
          (MISSING.test(line) && isOfPage(line) && !line.includes(`${output}/`))),
    );
    if (!contained && !misses) return;
    const what = misses ? "The translator can't find its pages" : 'The translator runs in a container';
    this.#tell(
      `${what}, and has translated ${this.#hasMade ? 'only copies' : 'none'}`,
      '--link copy gives the translator copies of its pages: a container or sandbox may not see the files that links point to',
    );
  }

  #tell(what: string, hint: string): void {
    this.#hint = hint;
    this.#emit({ type: 'notice', level: 'warn', text: `${what}: ${hint}.` });
  }
}
