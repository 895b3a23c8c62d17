import type { Slot } from '../../model/slot.ts';
import type { Command } from '../../translators/translator.ts';
import type { PageRequest } from '../protocol.ts';
import type { WorkerEnd } from '../worker-end.ts';

/** What is heard of a worker's pipes. */
export interface ChannelEars {
  /** Bytes of its output, as they come. */
  said(pipe: 'stdout' | 'stderr', bytes: Buffer): void;
  /** Nothing comes, or goes, through the pipe any more. */
  closed(pipe: 'stdin' | 'stdout' | 'stderr'): void;
}

/** Main memory that a worker's processes hold, in bytes. */
export interface HeldMemory {
  readonly now: number;
  /** The most so far. */
  readonly peak: number;
}

/** One worker, wherever it lives: lines in, bytes out, signals, and its end. */
export interface WorkerChannel {
  /** By which people find it, as events tell it: its process id. Undefined until it has started, and where it never does. */
  readonly id: number | undefined;
  /** Settles when the worker has started, or never will. What it takes from here on is its own time. Never rejects. */
  readonly started: Promise<void>;
  /** Settles when the worker is gone: there is nobody to be signalled any more. Never rejects. */
  readonly exited: Promise<void>;
  /** Settles when the worker is gone, with all that it had started, and its output read. Never rejects. */
  readonly ended: Promise<WorkerEnd>;
  /** Tells what the worker says from its first byte on. To be called once, in the tick of its start. */
  hear(ears: ChannelEars): void;
  /**
   * Writes a line, with its newline, to the worker. `page`: the page that it hands over; a host elsewhere brings its input there and
   * its output back before the worker's answer is heard. A worker that is gone is no error.
   */
  send(line: string, page?: PageRequest): void;
  /** This page is likely to be sent next: what has to travel for it may do so already. */
  bring(page: PageRequest): void;
  /** Tells the worker that nothing more will come. */
  closeInput(): void;
  /** Signals the worker with all that it has started. One that is gone is no error. */
  signal(signal: NodeJS.Signals): void;
  /** Undefined where it is gone, or nothing tells. Never rejects. */
  memory(): Promise<HeldMemory | undefined>;
  /** Memory of its device that it holds, in bytes; undefined where nothing tells. Never rejects. */
  deviceMemory(): Promise<number | undefined>;
}

/** What the workers of a host have to themselves, and use. */
export interface HostUse {
  /** Cores that all of them together kept busy since the last call; undefined where nobody knows. */
  readonly coresUsed: number | undefined;
  /** Cores that they may keep busy; undefined where nobody knows. */
  readonly cores: number | undefined;
  /** The most main memory that one of them holds now, in bytes; undefined where nobody tells. */
  readonly largestBytes: number | undefined;
  /** Main memory that is free for more of them, in bytes; undefined where nobody knows. */
  readonly freeBytes: number | undefined;
  /** Where they live on several machines: what each has, by the `node` of its GPUs. */
  readonly machines?: ReadonlyMap<string, MachineUse>;
}

/** What one of several machines has for workers. */
export interface MachineUse {
  /** Main memory that is free for more of them, in bytes; undefined where nobody knows. */
  readonly freeBytes: number | undefined;
  readonly cores: number;
}

/** How a worker is started. */
export interface WorkerLaunch {
  readonly command: Command;
  /** Its environment, but for what the command sets over it. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether lines will be sent to it. Where not, its input is closed from the start: no translator ever waits for an answer. */
  readonly takesLines: boolean;
}

/** Where workers live. What it takes to end them all, whatever ends this program, is its own affair. */
export interface Host {
  /** What a worker waits at the least from its answer to the next page, where that was not sent ahead. */
  readonly leastGapSeconds: number;
  /** @throws Refusal (3) where no worker could be started, or nobody would end those of a launcher that is killed */
  assertReady(): Promise<void>;
  /** Starts a worker for a slot. Whatever goes wrong is told by the channel. */
  start(slot: Slot, launch: WorkerLaunch): WorkerChannel;
  /** What its workers use. Never rejects. */
  use(): Promise<HostUse>;
  /** Main memory that is free for more workers, in bytes; undefined where nobody tells. Takes a fraction of a millisecond. */
  freeMemory(): number | undefined;
  /** Ends workers that are left, and lets go of what the host needs. The end of those elsewhere is not waited for. */
  close(): Promise<void>;
}
