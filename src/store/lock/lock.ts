import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Part, partFrom } from '../../model/part.ts';
import { cannotRun } from '../../model/refusal.ts';
import { StoppedEarly } from '../../model/unless-stopped.ts';
import { makeFolder, removeEmpty } from '../../pages/make-folder.ts';
import { Heartbeat } from './heartbeat.ts';
import {
  createWhole,
  type Holder,
  judgeLock,
  type LockFile,
  type LockJudgement,
  PASSING,
  readLock,
  removeJudged,
  removeOwn,
  STALE_AFTER_MS,
  timeIn,
} from './lock-file.ts';
import { reporting } from './lock-folder.ts';
import { gateHeld, heldBy, takenOver } from './lock-words.ts';
import { lookAtProcesses, type Processes } from './process-identity.ts';

/** What a run needs to lock an output. */
export interface LockRequest {
  /** `OUTPUT/.mgpu`; made if it isn't there. */
  readonly folder: string;
  readonly run: string;
  readonly part?: Part | undefined;
  /** Told once, when the lock turns out to be somebody else's: the run must stop. */
  readonly onLost: () => void;
  readonly processes?: Processes;
  readonly now?: () => Date;
  readonly touchEveryMs?: number | undefined;
  /** How long another launcher may take to judge the locks; 75 s where missing. */
  readonly gateWaitMs?: number;
  /** Aborted when the run is stopped before it has the lock. */
  readonly stop?: AbortSignal | undefined;
}

/** An output that is ours until it is released. */
interface RunLock {
  /** What was done to get it, in words for the user: locks that were taken over. */
  readonly notices: readonly string[];
  /** Removes the lock where it is still ours, and the folders made for it where they are empty. */
  release(): Promise<void>;
}

const LOCK_NAME = /^lock(?:\.([1-9]\d*)-of-([1-9]\d*))?$/;
/** Whoever is in it alone judges, removes and makes locks: two launchers can't take over one lock. */
const GATE_NAME = 'lock-gate';

/** A part has its own lock. */
export const lockName = (part?: Part): string => (part ? `lock.${part.index}-of-${part.of}` : 'lock');

/**
 * Locks an output for a whole run or a part. Throws a Refusal that says who holds it (exit 3), or that it can't be
 * written (exit 2, where the choice of the folder is the trouble), or StoppedEarly where `stop` was aborted while others were
 * taking theirs; nothing of its own is left there then. A lock whose process is gone is taken over immediately, one whose
 * process can't be looked up after 60 s without a touch, and one whose process is there never.
 */
export async function takeLock(request: LockRequest): Promise<RunLock> {
  const { folder, part, run, stop, processes = await lookAtProcesses(), now = () => new Date() } = request;
  const { gateWaitMs = STALE_AFTER_MS + 15_000 } = request;
  const holder: Holder = { ...processes.self, run, since: now().toISOString(), ...(part && { part }) };
  const text = `${JSON.stringify(holder)}\n`;
  const made = await reporting(folder, () => makeFolder(folder));
  const leaveEmptyFolders = () => removeEmpty(folder, made);
  try {
    const attempt = { folder, text, part, processes, gateWaitMs, stop };
    const notices = await reporting(folder, () => takeInside(attempt));
    const path = join(folder, lockName(part));
    return new HeldLock({ path, text, notices, request, leaveEmptyFolders });
  } catch (error) {
    await leaveEmptyFolders();
    throw error;
  }
}

/** A lock that was found, and whether anybody holds it. */
export type FoundLock = LockFile & LockJudgement & { readonly name: string };

/** All locks of an output. `nowMs` is the time on its file system; a reader who may write nothing gives the clock's. */
export async function findLocks(folder: string, nowMs: number, processes: Processes): Promise<FoundLock[]> {
  const found: FoundLock[] = [];
  for (const name of (await readdir(folder)).filter((entry) => partOfLock(entry) !== undefined).sort()) {
    const lock = await readLock(join(folder, name));
    if (lock) found.push({ ...lock, name, ...(await judgeLock(lock, nowMs, processes)) });
  }
  return found;
}

interface Attempt {
  readonly folder: string;
  readonly text: string;
  readonly part: Part | undefined;
  readonly processes: Processes;
  readonly gateWaitMs: number;
  readonly stop: AbortSignal | undefined;
}

async function takeInside({ folder, text, part, processes, gateWaitMs, stop }: Attempt): Promise<string[]> {
  const gate = join(folder, GATE_NAME);
  await enterGate(gate, { text, processes, gateWaitMs, stop });
  try {
    const notices: string[] = [];
    const nowMs = await timeIn(folder);
    await removeLeftovers(folder, nowMs);
    const inTheWay = (await findLocks(folder, nowMs, processes)).filter(({ name }) => excludes(name, part));
    for (const lock of inTheWay) if (lock.state === 'held') throw heldBy(lock, part, nowMs);
    for (const lock of inTheWay) {
      await removeJudged(lock);
      notices.push(takenOver(lock, lock.state, nowMs));
    }
    const path = join(folder, lockName(part));
    const created = await createWhole(path, text);
    // One that slept in here for a minute was taken for dead, and others may be in by now.
    if (created && (await readLock(gate))?.text === text) return notices;
    if (created) await removeOwn(path, text);
    throw cannotRun(`${folder} was just locked by another run`, 'run the same command again');
  } finally {
    await removeOwn(gate, text).catch(() => undefined);
  }
}

/** Others are in it for milliseconds; one that died there is found out as with a lock. */
async function enterGate(
  gate: string,
  { text, processes, gateWaitMs, stop }: Pick<Attempt, 'text' | 'processes' | 'gateWaitMs' | 'stop'>,
): Promise<void> {
  const began = performance.now();
  while (!(await createWhole(gate, text))) {
    if (stop?.aborted) throw new StoppedEarly();
    const other = await readLock(gate);
    if (other && (await judgeLock(other, await timeIn(dirname(gate)), processes)).state !== 'held') {
      await removeJudged(other);
    } else {
      // One whose process is stopped, or whose time is in the future, would never be let go.
      if (other && performance.now() - began >= gateWaitMs) throw gateHeld(other);
      await delay(10 + Math.random() * 20);
    }
  }
}

/** A whole run goes with nothing else, a part with the other parts of the same number only. */
function excludes(name: string, part: Part | undefined): boolean {
  const others = partOfLock(name);
  if (part === undefined || others === undefined || others === 'whole') return true;
  return others.of !== part.of || others.index === part.index;
}

/** The part that a lock's name speaks of; undefined for what is no lock's name. */
function partOfLock(name: string): Part | 'whole' | undefined {
  const [found, index, of] = LOCK_NAME.exec(name) ?? [];
  if (found === undefined) return undefined;
  return index === undefined ? 'whole' : partFrom(index, of);
}

/** Files that a process killed in the middle left; those of the living are younger. */
async function removeLeftovers(folder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const isOfLock = name.startsWith('lock') && name.endsWith(PASSING);
    // Probes of what the disk takes for one name.
    if (!isOfLock && !name.startsWith('.mgpu-')) continue;
    const path = join(folder, name);
    const mtimeMs = await stat(path).then(
      (found) => found.mtimeMs,
      () => nowMs,
    );
    if (nowMs - mtimeMs >= STALE_AFTER_MS) await rm(path, { force: true });
  }
}

/** A lock that was just taken. */
interface TakenLock {
  readonly path: string;
  readonly text: string;
  readonly notices: readonly string[];
  readonly request: LockRequest;
  readonly leaveEmptyFolders: () => Promise<void>;
}

class HeldLock implements RunLock {
  readonly notices: readonly string[];
  readonly #path: string;
  readonly #text: string;
  readonly #leaveEmptyFolders: () => Promise<void>;
  readonly #heartbeat: Heartbeat;

  constructor({ path, text, notices, request, leaveEmptyFolders }: TakenLock) {
    this.notices = notices;
    this.#path = path;
    this.#text = text;
    this.#leaveEmptyFolders = leaveEmptyFolders;
    const { touchEveryMs, onLost } = request;
    this.#heartbeat = new Heartbeat({ path, text, everyMs: touchEveryMs, onLost });
  }

  async release(): Promise<void> {
    await this.#heartbeat.stop();
    await removeOwn(this.#path, this.#text).catch(() => undefined);
    await this.#leaveEmptyFolders();
  }
}
