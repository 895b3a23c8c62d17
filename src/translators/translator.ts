import type { FailureReason, Outcome } from '../model/outcome.ts';
import type { PageId } from '../model/page.ts';
import type { BatchLayout } from '../model/run-options.ts';
import type { Slot } from '../model/slot.ts';
import type { OutputPattern } from '../pages/output-pattern.ts';

/** A program to start: no shell takes part. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** On top of the launcher's environment and the slot's. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Of a command on another machine: positions among `file`, which is 0, and `args` of the words in which a place may stand for a
   * folder there. All others, which are the user's, stay as they are. Missing: in all of them.
   */
  readonly placed?: readonly number[];
}

/** Folders of a batch: pages are in `input`, outputs are wanted in `output`. Absolute paths. */
export interface BatchFolders {
  readonly input: string;
  readonly output: string;
  /** The name in `input` of the batch's page, where the program takes one page at a time. */
  readonly page?: string;
}

/** The part of a translator that decides what a page looks like in the end. */
export interface TranslatorShape {
  readonly translator: string;
  readonly script?: string;
  readonly command?: string;
  readonly args: readonly string[];
}

/** What all adapters know. */
interface AnyTranslator {
  /** For the summary: `translate.py`, `demo`. */
  readonly name: string;
  /** It is known to leave its input as it is. */
  readonly readsOnly?: true;
  /** What makes this translator's pages differ from another's. */
  readonly shape: TranslatorShape;
  /** Suffix (no dot) of all outputs; missing: each page's own, as far as it can be written. */
  readonly format?: string | undefined;
  /** Where its own files are, absolute: an `.env` there is the program's. */
  readonly programFolders?: readonly string[];
  /** What the user should know before the first page. */
  readonly warnings?: readonly string[];
  /** Where a page's output belongs, relative to the output root. */
  outputName(page: PageId): string;
}

/** A translator that is started for a batch of pages and ends: knows how to start one program, and what it made. */
export interface OneShotTranslator extends AnyTranslator {
  readonly kind: 'one-shot';
  command(batch: BatchFolders, slot: Slot): Command;
  /** How the program names its outputs; missing: nobody has said. */
  readonly outputPattern?: OutputPattern | undefined;
  /** Where the program leaves its outputs. */
  outputsOf(batch: BatchFolders): string;
  /** How pages stand in a batch; missing: nobody has said, and they stand as in the input. */
  readonly layout?: BatchLayout | undefined;
  /** Set where the program is started for one page at a time. */
  readonly takesOnePage?: boolean;
  /**
   * Set where outputs appear in the batch's input folder, which then has copies of pages: the name of the folder there, or
   * an empty name for the input folder itself.
   */
  readonly outputsAmongPages?: string | undefined;
  /** What the path of a batch must not hold, and why not; missing: it may hold anything. */
  readonly unfit?: { readonly pattern: RegExp; readonly why: string } | undefined;
  /** Set where nobody has said whether the program reads folders in folders. */
  readonly guessesLayout?: boolean;
  /** Set where nobody has said whether the program leaves its outputs there. */
  readonly guessesOutputs?: boolean;
  /** The relative name under which a page is put into a batch; missing: its own. */
  nameInBatch?(page: PageId): string;
  /** Reads from the program's lines what became of the pages of a batch; missing: nothing is known but the files. */
  logOf?(batch: BatchFolders): BatchLog;
  /** What the program's last lines complain of, after a batch without an output; missing: they may say anything. */
  complaint?(batch: BatchFolders, lastLines: readonly string[]): Promise<Complaint | undefined>;
  /** Its script, absolute, where that is a Python file. */
  readonly script?: string | undefined;
  /** The same, started without the argument of ours that scripts refuse; undefined where it is given none. */
  withoutArgument?(): OneShotTranslator | undefined;
  /**
   * The translator to go on with where the program's last words say that it refused an argument of ours, and one line
   * about it; undefined where they say no such thing.
   */
  afterRefusal(exitCode: number | null, lastLines: readonly string[]): Concession | undefined;
}

/** What a batch of the translator may be: one page, or pages of one folder; undefined where it may be any pages. */
export const batchesOf = ({ takesOnePage, layout }: OneShotTranslator): 'page' | 'folder' | undefined =>
  takesOnePage ? 'page' : layout === 'folder' ? 'folder' : undefined;

/** What a program's last lines complain of. */
export interface Complaint {
  /** That, and what to type or change, in a sentence without its full stop. */
  readonly text: string;
  /** It is about the arguments, and no page's fault. */
  readonly isOfArguments?: true;
}

export interface Concession {
  readonly translator: OneShotTranslator;
  readonly notice: string;
}

/** What a program's lines say of the pages of a batch. */
export interface BatchLog {
  /** One line of its stderr. */
  line(text: string): void;
  /** The program has ended. */
  end(): void;
  /** What is known of a page by its name in the batch. */
  outcomeOf(nameInBatch: string): LoggedOutcome | undefined;
}

/** What a log says of a page. */
export type LoggedOutcome =
  | {
      readonly outcome: Exclude<Outcome, 'failed'>;
      /** False: no output is right. */
      readonly saved: boolean;
    }
  /** What it then saved, if anything, is no output. */
  | { readonly outcome: 'failed'; readonly reason: FailureReason; readonly message: string };

/**
 * How a worker is started on another machine, which has neither this one's files nor its programs. In its folder, its PYTHONPATH and
 * the words that are `placed`, `{files}` stands for the folder that its files travel to, and a leading `~/` for the home folder there.
 */
export interface RemoteWorker {
  command(slot: Slot): Command;
  /** Absolute paths of files that travel along, by their names in `{files}`. */
  readonly files: ReadonlyMap<string, string>;
  /** What the user should know of it before the first page. */
  readonly warnings?: readonly string[];
}

/** A translator that loads its models once and then takes page after page over the worker protocol. */
export interface WarmTranslator extends AnyTranslator {
  readonly kind: 'warm';
  command(slot: Slot): Command;
  /** Set where the translator carries context from page to page: a folder stays on one worker, in order. */
  readonly carriesContext?: boolean;
  /** True where it puts files beside its outputs that belong to them. */
  readonly leavesOtherFiles?: boolean;
  /**
   * How its worker is started on other machines; missing: it can't be.
   * @throws Refusal (3) where what has to travel can't
   */
  elsewhere?(): Promise<RemoteWorker>;
  /** True where one worker has to go first, because what it downloads would be downloaded by all at once. */
  needsFirstStart?(): Promise<boolean>;
}

/** An adapter at work. */
export type Translator = OneShotTranslator | WarmTranslator;
