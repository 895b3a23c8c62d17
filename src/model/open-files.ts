import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { errorCode } from './error-code.ts';
import { cannotRun, type Refusal } from './refusal.ts';

/** What the launcher itself holds at one time: its pipes, threads, ledger, events and the pages it looks at. */
const OWN_FILES = 28;
/** A worker's output pipes and its log; one that stays is told its pages through another pipe. */
const FILES_A_WORKER = { 'one-shot': 3, warm: 4 };
const HINT = 'raise it (ulimit -n 4096), or start fewer workers: -w, --gpus';

/**
 * The Refusal (3) for an error that says that this process, or the system, may open no more files: it says nothing about the
 * file that was to be opened. Undefined for any other error.
 */
export function tooManyOpenFiles(error: unknown): Refusal | undefined {
  switch (limitCode(error)) {
    case 'EMFILE':
      return cannotRun(`too many open files: ulimit -n is ${limitNow()}`, HINT);
    case 'ENFILE':
      return cannotRun(
        'too many open files on this machine: its own limit is reached',
        'close other programs, or raise it: sysctl fs.file-max',
      );
    default:
      return undefined;
  }
}

/** For `catch`: any error means this answer, but for one that says that no more files can be opened: it is thrown on. */
export const unlessOutOfFiles =
  <T>(answer: T) =>
  (error: unknown): T => {
    const refusal = tooManyOpenFiles(error);
    if (refusal) throw refusal;
    return answer;
  };

/** Pipes to a child, and the one through which the system says whether it could be started. */
const FILES_A_START = 8;

/**
 * The Refusal (3) where a child can't be started for want of files; undefined where it can. To be asked before a start: a
 * spawn that fails so leaves the child half made, and its error with nobody to hear it.
 */
export function noFilesForStart(): Refusal | undefined {
  const opened: number[] = [];
  try {
    while (opened.length < FILES_A_START) opened.push(openSync('/dev/null', 'r'));
    return undefined;
  } catch (error) {
    return tooManyOpenFiles(error);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** @throws Refusal (3) where a child can't be started for want of files */
export function assertFilesForStart(): void {
  const refusal = noFilesForStart();
  if (refusal) throw refusal;
}

/** How many files this process may open at one time; undefined where the system does not say, or there is no limit. */
export async function openFilesLimit(): Promise<number | undefined> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => undefined);
  const said = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return said === undefined ? undefined : Number(said);
}

/** How many workers can be at work under this limit; undefined is none. */
export const mostWorkersFor = (kind: keyof typeof FILES_A_WORKER, limit: number | undefined): number =>
  limit === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(0, Math.floor((limit - OWN_FILES) / FILES_A_WORKER[kind]));

/** @throws Refusal (3) where so many workers can't be at work under this limit; undefined is none */
export function assertFilesFor(
  workers: number,
  { kind, limit }: { readonly kind: keyof typeof FILES_A_WORKER; readonly limit: number | undefined },
): void {
  const each = FILES_A_WORKER[kind];
  const needed = OWN_FILES + each * workers;
  if (limit === undefined || limit >= needed) return;
  const most = mostWorkersFor(kind, limit);
  throw cannotRun(
    `${workers} worker${workers === 1 ? ' needs' : 's need'} about ${needed} open files, and ulimit -n is ${limit}`,
    most < 1 ? 'raise it (ulimit -n 4096)' : `${HINT} (at most ${most} in all)`,
  );
}

function limitCode(error: unknown): string | undefined {
  const code = errorCode(error);
  // A thread that could not be started says it in words.
  return code === 'ERR_WORKER_INIT_FAILED' && error instanceof Error
    ? /\b(?:EMFILE|ENFILE)\b/.exec(error.message)?.[0]
    : code;
}

/** Asked of Node itself: to read it from /proc would take a file. */
function limitNow(): string {
  const report = process.report?.getReport() as
    | { readonly userLimits?: { readonly open_files?: { readonly soft?: number | string } } }
    | undefined;
  return String(report?.userLimits?.open_files?.soft ?? 'unknown');
}
