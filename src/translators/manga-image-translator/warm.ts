import path from 'node:path';
import { usageError } from '../../model/refusal.ts';
import type { Slot } from '../../model/slot.ts';
import { pythonFile } from '../python-files.ts';
import { type Elsewhere, FILES, onNode, shipped } from '../remote.ts';
import type { Command, RemoteWorker, TranslatorShape } from '../translator.ts';
import type { MangaArguments } from './arguments.ts';
import type { FoundPackage } from './find.ts';

const WORKER = 'manga_image_translator_worker.py';

/** What both ways of running manga-image-translator are started with. */
export interface MangaSetup {
  readonly found: FoundPackage;
  /** Absolute path of the interpreter. */
  readonly python: string;
  /** The user's current folder. */
  readonly cwd: string;
  /** Set where its workers live on other machines. */
  readonly elsewhere?: Elsewhere;
  readonly args: MangaArguments;
  /** Hash of the config file's content. */
  readonly configHash?: string;
}

/** What makes its pages differ: its own options, and what its config file holds rather than where it lies. */
export const mangaShape = ({ args, configHash }: MangaSetup): TranslatorShape => ({
  translator: 'manga-image-translator',
  args: [...args.passed, ...(configHash === undefined ? [] : [`config:${configHash}`])],
});

/** It looks for its dictionaries from the current folder, as it always runs from its checkout. */
export const mangaCwd = ({ found, cwd }: MangaSetup): string => found.checkout ?? cwd;

/** It reads its keys from `.env` in its checkout, or where its package is. */
export const mangaFolders = ({ found }: MangaSetup): readonly string[] => [
  found.root,
  path.join(found.root, 'manga_translator'),
];

/** Options that put it where the slot is. */
export const deviceOptions = ({ args }: MangaSetup, slot: Slot): readonly string[] =>
  slot.gpu === null ? [] : [args.gpuLimited ? '--use-gpu-limited' : '--use-gpu'];

/** The command of the warm worker; the worker itself asks for the GPU where its slot is one. */
export function mangaWarmCommand(setup: MangaSetup): Command {
  const { found, python, args } = setup;
  const checkout = found.checkout === undefined ? [] : ['--checkout', found.checkout];
  const limited = args.gpuLimited ? ['--use-gpu-limited'] : [];
  const worker = pythonFile(WORKER);
  return {
    file: python,
    args: [worker, ...checkout, '--', ...limited, ...args.passed],
    cwd: mangaCwd(setup),
    env: {},
  };
}

/** The warm worker on another machine: its checkout, its models and what its options name have to be there, in the same places. */
export function mangaRemoteWorker({ found, args, elsewhere }: MangaSetup): RemoteWorker {
  const { python = 'python3', home = '/' } = elsewhere ?? {};
  const checkout = found.checkout === undefined ? undefined : onNode(found.checkout, home);
  const own = [
    `${FILES}/${WORKER}`,
    ...(checkout === undefined ? [] : ['--checkout', checkout]),
    '--',
    ...(args.gpuLimited ? ['--use-gpu-limited'] : []),
  ];
  const words = args.passed.map((word) => onNode(word, home));
  const command = {
    file: python,
    args: [...own, ...words],
    cwd: checkout ?? '',
    env: {},
    // Of the user's, those that were paths in the home folder here.
    placed: [python, ...own, ...words].flatMap((word, at) => {
      const given = args.passed[at - 1 - own.length];
      return given === undefined || given !== word ? [at] : [];
    }),
  };
  return {
    command: () => command,
    files: new Map([WORKER, 'manga_program.py', 'mgpu_worker.py'].map(shipped)),
  };
}

/**
 * What has to be said of the options before a warm worker starts.
 * @throws Refusal (exit 2) for `--batch-size` above 1
 */
export function checkWarm({ batchSize, ignoreErrors }: MangaArguments): readonly string[] {
  if (batchSize > 1) {
    throw usageError(
      `--batch-size ${batchSize} (after --): a warm worker takes one page at a time`,
      'in a batch the program saves failed pages as originals without an error; with --warm off it runs as you ask, and its log is checked',
    );
  }
  return ignoreErrors
    ? [
        '--ignore-errors (after --) is not passed on: each failed page is reported by itself, and none stops the others.',
      ]
    : [];
}

/** @throws Refusal (exit 2) for what the command line can't do page by page */
export function checkOneShot({ saveText }: MangaArguments): void {
  if (!saveText) return;
  throw usageError(
    '--save-text (after --) with --warm off: the program ends at the first page with text, and saves none',
    'leave out --warm off: a warm worker writes the text next to each output',
  );
}
