/** What does here what an option of another program does. */
export interface Instead {
  /** Words in the place of the option: a flag of ours, with its value where that is fixed. None: it is left out. */
  readonly words: readonly string[];
  /** The command that does it. */
  readonly command?: string;
  /** Why nothing takes its place. */
  readonly why?: string;
}

const flag = (...words: string[]): Instead => ({ words });
const needless = (why: string): Instead => ({ words: [], why });

const RESUMES = needless('run resumes by itself, and tries failed pages again');
const PLAN: Instead = { words: [], command: 'plan', why: 'plan shows what run would do' };

/** Names that options have in other programs, and that are too far from ours to be a slip of the keys. */
const OTHER_NAMES: ReadonlyMap<string, Instead> = new Map(
  (
    [
      [
        ['input', 'inputs', 'input-dir', 'input-folder', 'i', 'src', 'source'],
        needless('inputs need no flag'),
      ],
      [['output-dir', 'output-folder', 'output-path', 'out-dir', 'outdir', 'dest', 'dst'], flag('--output')],
      [['recursive', 'r'], needless('folders are read with all folders below them')],
      [['dry-run', 'dryrun', 'simulate', 'preview', 'whatif', 'what-if'], PLAN],
      [['resume', 'continue', 'skip-existing', 'skip-done', 'no-overwrite', 'retry-failed'], RESUMES],
      [['force', 'redo', 'restart', 'rerun', 'fresh'], flag('--overwrite', 'all')],
      [['retry', 'tries', 'attempts', 'max-retries', 'max-attempts', 'num-retries'], flag('--retries')],
      [['gpu', 'gpu-id', 'gpu-ids', 'cuda', 'device', 'devices', 'cuda-devices'], flag('--gpus')],
      [['cpu', 'no-gpu', 'use-cpu'], flag('--gpus', 'cpu')],
      [
        ['j', 'jobs', 'workers', 'num-workers', 'n-workers', 'processes', 'parallel'],
        flag('--workers-per-gpu'),
      ],
      [['script', 'program'], flag('--translator')],
      [['demo'], flag('--translator', 'demo')],
      [['cmd'], flag('--command')],
      [['timeout'], flag('--page-timeout')],
      [['time-limit', 'max-duration', 'max-runtime'], flag('--max-time')],
      [['ext', 'extension', 'output-format'], flag('--format')],
      [['pattern', 'glob', 'only'], flag('--include')],
      [['ignore', 'skip'], flag('--exclude')],
      [['shard', 'chunk'], flag('--part')],
      [['verbose', 'v'], flag('--log-level', 'info')],
      [['debug'], flag('--log-level', 'debug')],
      [['silent'], flag('--quiet')],
    ] as const satisfies readonly (readonly [readonly string[], Instead])[]
  ).flatMap(([names, instead]) => names.map((name) => [name, instead] as const)),
);

/** Of a key or variable that any program has for an option; what is longer was never meant as one. */
export const LONGEST_NAME = 100;

/** What to write instead of an option (`--dry-run`, `dryRun`, `DRY_RUN`) that other programs have; undefined for any other. */
export function insteadOf(name: string): Instead | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const parted = /[a-z]/.test(name) ? name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`) : name;
  return OTHER_NAMES.get(parted.replace(/^-+/, '').replaceAll('_', '-').toLowerCase());
}
