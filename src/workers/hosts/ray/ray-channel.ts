import path from 'node:path';
import type { PageId } from '../../../model/page.ts';
import type { PageRequest } from '../../protocol.ts';
import type { WorkerEnd } from '../../worker-end.ts';
import type { ChannelEars, HeldMemory, WorkerChannel } from '../host.ts';
import type { DriverCommand } from './driver-command.ts';
import type { DriverEvent, DriverSaid } from './driver-event.ts';

/** What a shell says where a program is not there. */
const NOT_FOUND = 127;
/** Words of a disk of this machine that took no output, as programs have them. */
const DISK_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on device',
  EDQUOT: 'Disk quota exceeded',
};

/** A page whose file travels, from the time that it does until the page is answered. */
interface Travelling {
  /** The name of its file. */
  readonly file: string;
  readonly input: string;
  isHandedOver: boolean;
}

/** A worker on a node: its lines go through the driver, and so do the files of its pages. */
export class RayChannel implements WorkerChannel {
  readonly started: Promise<void>;
  readonly exited: Promise<void>;
  readonly ended: Promise<WorkerEnd>;
  #id: number | undefined;
  readonly #name: string;
  readonly #tell: (command: DriverCommand) => void;
  #ears: ChannelEars | undefined;
  #isOver = false;
  #start = (): void => {};
  #end = (_end: WorkerEnd): void => {};
  #files = 0;
  readonly #brought = new Map<PageId, Travelling>();
  /** Why a page's input did not come there, or its output here. */
  readonly #astray = new Map<PageId, string>();
  #asked = 0;
  readonly #waiting = new Map<number, (held: DriverSaid<'memory'> | undefined) => void>();

  /**
   * @param name of the worker, which the driver knows it by: one of its own
   * @param tell tells the driver
   */
  constructor(name: string, tell: (command: DriverCommand) => void) {
    this.#name = name;
    this.#tell = tell;
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.exited = this.ended.then(() => {});
  }

  get id(): number | undefined {
    return this.#id;
  }

  hear(ears: ChannelEars): void {
    this.#ears = ears;
  }

  /** Something that the driver says of this worker. */
  take(event: DriverEvent): void {
    if (this.#isOver) return;
    switch (event.type) {
      case 'started':
        this.#id = event.pid;
        this.#start();
        return;
      case 'not-started':
        this.#say('stderr', [event.message]);
        this.#finish({ by: 'exit', code: NOT_FOUND });
        return;
      case 'lines':
        this.#say('stdout', event.out.map(this.#answered));
        this.#say('stderr', event.err);
        return;
      case 'output-failed':
        this.#outputFailed(event);
        return;
      case 'file-failed':
        this.#fileFailed(event);
        return;
      case 'memory':
        this.#waiting.get(event.seq)?.(event);
        this.#waiting.delete(event.seq);
        return;
      case 'exit':
        this.#finish(
          event.by === 'signal'
            ? { by: 'signal', signal: (event.signal ?? 'SIGKILL') as NodeJS.Signals }
            : { by: 'exit', code: event.code ?? 0 },
        );
        return;
      default:
        return;
    }
  }

  /** Whoever held its GPU is gone, and the worker with it. */
  lose(message: string, { isBlameless }: { readonly isBlameless: boolean }): void {
    if (!this.#isOver) this.#finish({ by: 'gone', message, isBlameless });
  }

  send(line: string, page?: PageRequest): void {
    const travelling = page && this.#bring(page);
    if (travelling) travelling.isHandedOver = true;
    const files = page && travelling && { id: travelling.file, output: page.output };
    this.#tell({ type: 'line', slot: this.#name, text: line.trimEnd(), ...files });
  }

  bring(page: PageRequest): void {
    this.#bring(page);
  }

  closeInput(): void {
    this.#tell({ type: 'eof', slot: this.#name });
  }

  signal(signal: NodeJS.Signals): void {
    this.#tell({ type: 'signal', slot: this.#name, signal });
  }

  async memory(): Promise<HeldMemory | undefined> {
    const held = await this.#ask({ device: false });
    if (held?.bytes == null) return undefined;
    return { now: held.bytes, peak: held.peakBytes ?? held.bytes };
  }

  async deviceMemory(): Promise<number | undefined> {
    return (await this.#ask({ device: true }))?.deviceBytes ?? undefined;
  }

  #ask({ device }: { readonly device: boolean }): Promise<DriverSaid<'memory'> | undefined> {
    if (this.#isOver) return Promise.resolve(undefined);
    this.#asked += 1;
    const seq = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(seq, resolve);
      this.#tell({ type: 'memory', slot: this.#name, seq, device });
    });
  }

  #bring({ id, input }: PageRequest): Travelling {
    const known = this.#brought.get(id);
    if (known?.input === input) return known;
    this.#forgetRecalled();
    this.#files += 1;
    const travelling = { file: String(this.#files), input, isHandedOver: false };
    this.#brought.set(id, travelling);
    const slot = this.#name;
    this.#tell({ type: 'file', slot, id: travelling.file, source: input, name: path.basename(input) });
    return travelling;
  }

  /** A page that was brought and is not the next one went elsewhere: where it comes back, its file may be another one. */
  #forgetRecalled(): void {
    for (const [page, { file, isHandedOver }] of [...this.#brought]) {
      if (isHandedOver) continue;
      this.#brought.delete(page);
      this.#tell({ type: 'forget', slot: this.#name, id: file });
    }
  }

  /** Of an answer: what travelled for its page is done with, and a page without its output has failed. */
  readonly #answered = (line: string): string => {
    if (this.#brought.size === 0 || !/"type":\s*"(?:done|failed)"/.test(line)) return line;
    const page = pageIn(line);
    if (page === undefined || !this.#brought.delete(page)) return line;
    const why = this.#astray.get(page);
    this.#astray.delete(page);
    return why === undefined
      ? line
      : JSON.stringify({ type: 'failed', id: page, reason: 'error', message: why });
  };

  #outputFailed({ id, message, errno }: DriverSaid<'output-failed'>): void {
    const disk = errno == null ? undefined : DISK_WORDS[errno];
    const why = disk === undefined || message.includes(disk) ? message : `${message}: ${disk}`;
    this.#wentAstray(id, `its output could not be fetched: ${why}`);
  }

  #fileFailed({ id, where, message, errno }: DriverSaid<'file-failed'>): void {
    // A full disk there is no reason for all to stop.
    const isFull = where === 'node' && errno != null && DISK_WORDS[errno] !== undefined;
    const why = isFull ? 'the disk of that node is full' : message;
    this.#wentAstray(id, `its file could not be brought to its worker: ${why}`);
  }

  #wentAstray(id: string, why: string): void {
    const [page, travelling] = [...this.#brought].find(([, { file }]) => file === id) ?? [];
    if (page === undefined) return;
    if (travelling?.isHandedOver) this.#astray.set(page, why);
    // It is brought anew once it is its turn.
    else this.#brought.delete(page);
  }

  #say(pipe: 'stdout' | 'stderr', lines: readonly string[]): void {
    if (lines.length > 0) this.#ears?.said(pipe, Buffer.from(`${lines.join('\n')}\n`));
  }

  #finish(end: WorkerEnd): void {
    this.#isOver = true;
    for (const answer of this.#waiting.values()) answer(undefined);
    this.#waiting.clear();
    for (const pipe of ['stdout', 'stderr'] as const) this.#ears?.closed(pipe);
    this.#start();
    this.#end(end);
  }
}

/** The page that a line of the worker is about. */
function pageIn(line: string): PageId | undefined {
  try {
    const said: unknown = JSON.parse(line);
    const id = typeof said === 'object' && said !== null && 'id' in said ? said.id : undefined;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
