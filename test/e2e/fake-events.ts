import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** One line that a fake translator told; see the head of `fake_translate.py`. */
export interface FakeEvent {
  readonly event: 'start' | 'ready' | 'begin' | 'ask' | 'end' | 'grandchild' | 'unload' | 'exit';
  readonly pid: number;
  readonly time: number;
  readonly ppid?: number;
  readonly page?: string;
  /** What the page met, where a fake begins with it. */
  readonly fault?: string;
  readonly argv?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** CUDA_VISIBLE_DEVICES of a warm fake. */
  readonly gpu?: string;
  readonly code?: number;
  readonly signal?: string;
  readonly child?: number;
}

/** A fake translator that waits on a page for an order: `finish`, or the name of a fault. */
export interface Asking {
  readonly page: string;
  readonly pid: number;
  order(what: string): void;
}

/** Hears what the fake translators of a run tell over their socket, and gives orders to those that ask. */
export class FakeEvents {
  readonly all: FakeEvent[] = [];
  readonly #server: Server;
  readonly #asking: Asking[] = [];
  #waiting: (() => void)[] = [];

  constructor(socketPath: string) {
    this.#server = createServer((connection) => this.#listen(connection)).listen(socketPath);
    this.#server.unref();
  }

  /** The next fake that asks about this page; each asking is given out once. */
  async asking(page: string): Promise<Asking> {
    for (;;) {
      const at = this.#asking.findIndex((each) => each.page === page);
      const [found] = at === -1 ? [] : this.#asking.splice(at, 1);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The events of one kind so far. */
  of(event: FakeEvent['event']): FakeEvent[] {
    return this.all.filter((each) => each.event === event);
  }

  close(): void {
    this.#server.close();
  }

  #listen(connection: Socket): void {
    connection.unref();
    connection.on('error', () => {});
    createInterface({ input: connection }).on('line', (line) => {
      const told: FakeEvent = JSON.parse(line);
      this.all.push(told);
      if (told.event === 'ask') {
        const { page = '', pid } = told;
        this.#asking.push({ page, pid, order: (what) => connection.write(`${what}\n`) });
      }
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }
}
