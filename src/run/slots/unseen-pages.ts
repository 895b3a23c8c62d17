import type { Emit } from '../../model/events.ts';
import type { LinkMode } from '../../store/outputs/link-mode.ts';

/** Of a page, with its name: Python's words, and OpenCV's. That it can't be read may be the page's own fault. */
const MISSING = /no such file|file ?not ?found|(?:does not|doesn't|not) exist|check file path|\bENOENT\b/i;
/** What a program says that passes over links which lead nowhere. */
const NOTHING_THERE =
  /\bno (?!such)(?:\w+ )?(?:images?|pages?|pictures?|files?) (?:were |was )?(?:found|in|to|at)\b|\b(?:found|processing) 0\b|\b0 (?:images|pages|pictures|files)\b|\bnothing to (?:do|translate|process)\b/i;
/** Programs that start another one where it sees other files. */
const CONTAINERS =
  /^(?:docker|podman|nerdctl|apptainer|singularity|enroot|udocker|lxc|distrobox|toolbox|flatpak|bwrap|firejail|systemd-run|systemd-nspawn|chroot|unshare)$/;

/** What a worker had that made no page, and what it said. */
interface Said {
  /** The words of its command. */
  readonly command: readonly string[];
  readonly lines: readonly string[];
  /** File names of its pages. */
  readonly names: readonly string[];
}

/**
 * Tells where workers don't see pages that the launcher has seen: what links lead to is not in every container or sandbox.
 * As long as no page was done, and pages are not copied.
 */
export class UnseenPages {
  readonly #emit: Emit;
  readonly #links: LinkMode;
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
    // Of a copy that says nothing of what links lead to.
    if (!this.#links.isTrial) this.#hasWorked = true;
  }

  /** A worker has made no page. The first one that doesn't see its pages is told of. */
  heard({ command, lines, names }: Said): void {
    if (this.#hasWorked || this.#links.copies || this.#hint !== undefined) return;
    const contained = command.some((word) => CONTAINERS.test(word.slice(word.lastIndexOf('/') + 1)));
    const misses = lines.some(
      (line) => NOTHING_THERE.test(line) || (MISSING.test(line) && names.some((name) => line.includes(name))),
    );
    if (!contained && !misses) return;
    this.#hint =
      '--link copy gives the translator copies of its pages: a container or sandbox may not see the files that links point to';
    const what = misses ? "The translator can't find its pages" : 'The translator runs in a container';
    this.#emit({ type: 'notice', level: 'warn', text: `${what}, and has translated none: ${this.#hint}.` });
  }
}
