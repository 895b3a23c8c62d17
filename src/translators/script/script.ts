import path from 'node:path';
import type { PageId } from '../../model/page.ts';
import type { BatchLayout } from '../../model/run-options.ts';
import type { Slot } from '../../model/slot.ts';
import { readRegular } from '../../pages/open-regular.ts';
import { outputNameOf } from '../../pages/output-name.ts';
import { nameBy, type OutputPattern, OWN_NAMES } from '../../pages/output-pattern.ts';
import type {
  BatchFolders,
  Command,
  Complaint,
  Concession,
  OneShotTranslator,
  TranslatorShape,
} from '../translator.ts';
import {
  type CommandTemplate,
  fillTemplate,
  namesOutput,
  namesPageOutput,
  takesPage,
} from './command-template.ts';
import { complaintOf, refusedOptions } from './complaint.ts';
import { folderAmongPages, isAmongPages, type OutputsIn, outputsInOf } from './outputs-in.ts';
import { pythonScriptIn } from './program-name.ts';

/** A larger Python file was not written by hand. */
const MOST_SOURCE_BYTES = 1024 * 1024;

const SPELLINGS: readonly (readonly string[])[] = [
  ['jpg', 'jpeg'],
  ['tif', 'tiff'],
];

/** What a script is started with. */
interface ScriptSetup {
  readonly name: string;
  readonly template: CommandTemplate;
  /** Everything after `--`. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** Of the outputs, without a dot; missing: each page's own. */
  readonly format: string | undefined;
  /** How it names its outputs; missing: nobody has said. */
  readonly outputPattern?: OutputPattern | undefined;
  /** How its pages stand in a batch; missing: nobody has said. */
  readonly layout?: BatchLayout | undefined;
  /** Where it leaves its outputs; missing: where its template says. */
  readonly outputsIn?: OutputsIn | undefined;
  readonly shape: TranslatorShape;
  /** Set where it is known how it reads pages, and how and where it writes outputs: it's no option's affair. */
  readonly isKnown?: boolean;
  /** On top of the launcher's environment and the slot's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly unfit?: OneShotTranslator['unfit'];
  /** It writes each page in the page's own format, whatever it is told. */
  readonly keepsFormat?: true;
  /** It is known to leave its input as it is. */
  readonly readsOnly?: true;
}

/** Any program with the seed's contract: it translates the folder it is given and ends. */
export class ScriptTranslator implements OneShotTranslator {
  readonly kind = 'one-shot';
  readonly name: string;
  readonly shape: TranslatorShape;
  readonly format: string | undefined;
  readonly outputPattern: OutputPattern | undefined;
  readonly layout: BatchLayout | undefined;
  readonly takesOnePage: boolean;
  readonly outputsAmongPages: string | undefined;
  readonly guessesOutputs: boolean;
  readonly guessesLayout: boolean;
  readonly isKnown: boolean;
  readonly unfit: OneShotTranslator['unfit'];
  readonly readsOnly?: true;
  readonly warnings: readonly string[];
  readonly programFolders: readonly string[];
  readonly #setup: ScriptSetup;

  constructor(setup: ScriptSetup) {
    this.#setup = setup;
    this.name = setup.name;
    this.shape = setup.shape;
    this.format = setup.format;
    const { template, outputsIn, isKnown = false } = setup;
    this.isKnown = isKnown;
    this.unfit = setup.unfit;
    this.outputPattern = setup.outputPattern ?? (namesPageOutput(template) ? OWN_NAMES : undefined);
    this.takesOnePage = takesPage(template);
    // It is given a file, and knows nothing of the folder that this is in.
    this.layout = setup.layout ?? (this.takesOnePage ? 'folder' : undefined);
    this.outputsAmongPages =
      outputsIn && isAmongPages(outputsIn) ? (folderAmongPages(outputsIn) ?? '') : undefined;
    this.guessesOutputs = outputsIn === undefined && !isKnown;
    this.guessesLayout = setup.layout === undefined && !isKnown && !this.takesOnePage;
    if (setup.readsOnly) this.readsOnly = setup.readsOnly;
    this.warnings = warningsOf(setup);
    // The script is one of the words, and its interpreter another.
    const paths = template.words.filter((word) => word.includes('/') && !word.includes('{'));
    this.programFolders = paths.map((word) => path.dirname(path.resolve(setup.cwd, word)));
  }

  command(batch: BatchFolders, slot: Slot): Command {
    const { template, args, cwd, env = {} } = this.#setup;
    const [file = '', ...rest] = fillTemplate(template, {
      batch,
      slot,
      outputName: (page) => nameBy(this.outputPattern ?? OWN_NAMES, outputNameOf(page, this.format)),
    });
    return { file, args: [...rest, ...args], cwd, env };
  }

  outputName(page: PageId): string {
    return outputNameOf(page, this.outputPattern?.suffix ?? this.format);
  }

  outputsOf(batch: BatchFolders): string {
    const { input, output } = batch;
    const { outputsIn } = this.#setup;
    if (outputsIn) return outputsInOf(outputsIn, batch);
    return namesOutput(this.#setup.template) ? output : `${input}-translated`;
  }

  async complaint(batch: BatchFolders, lastLines: readonly string[]): Promise<Complaint | undefined> {
    const { name, template, args, cwd, shape } = this.#setup;
    const script = shape.script && (path.relative(cwd, shape.script) || shape.script);
    const words = template.words.map((word) => (word === shape.script && script ? script : word));
    const source = this.script === undefined ? undefined : await sourceOf(this.script);
    return complaintOf(lastLines, { name, words, args, output: this.outputsOf(batch), script, source });
  }

  withoutArgument(): ScriptTranslator | undefined {
    const { words } = this.#setup.template;
    const at = words.indexOf('{output}');
    if (at < 1 || words[at - 1] !== '--output') return undefined;
    const without = [...words.slice(0, at - 1), ...words.slice(at + 1)];
    return new ScriptTranslator({ ...this.#setup, template: { words: without } });
  }

  get script(): string | undefined {
    const { shape, template, cwd } = this.#setup;
    const file = shape.script ?? pythonScriptIn(template.words);
    return file === undefined ? undefined : path.resolve(cwd, file);
  }

  afterRefusal(exitCode: number | null, lastLines: readonly string[]): Concession | undefined {
    const { words } = this.#setup.template;
    const translator = this.withoutArgument();
    if (exitCode === 0 || !translator) return undefined;
    const refused = refusedOptions(lastLines).filter((option) => words.includes(option));
    // One that refuses its input as well has another form altogether.
    if (!refused.includes('--output') || refused.some((option) => option !== '--output')) return undefined;
    return {
      translator,
      notice: `${this.name} refuses --output. It is started again without it, and outputs are taken from {input}-translated.`,
    };
  }
}

/** What a person wrote; undefined for what can't be read, or is larger than that. Never rejects. */
const sourceOf = (file: string): Promise<string | undefined> =>
  readRegular(file, { maxBytes: MOST_SOURCE_BYTES, followLinks: true }).catch(() => undefined);

/** A format that nothing on the script's command line speaks of is known to the launcher alone. */
function warningsOf({ name, template, args, format, keepsFormat }: ScriptSetup): readonly string[] {
  if (format === undefined) return [];
  if (keepsFormat) return [`--format ${format}: ${name} keeps each page's own format.`];
  const spellings = SPELLINGS.find((same) => same.includes(format.toLowerCase())) ?? [format];
  const either = `(?:${spellings.join('|')})`;
  // A folder that happens to be called `png` says nothing; a switch does.
  const named = new RegExp(`^--?${either}$|(?<![a-z0-9/-])${either}(?![a-z0-9/-])`, 'i');
  if ([...template.words, ...args].some((word) => named.test(word))) return [];
  return [
    `--format ${format}: ${name} decides its format itself, and does not get this option; use its own option for it, after --.`,
  ];
}
