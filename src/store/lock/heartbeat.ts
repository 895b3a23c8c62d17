import { touchLock } from './lock-file.ts';

/** Touches a lock file of ours every so often: whoever can't look its process up sees from that that it is alive. */
export class Heartbeat {
  readonly #file: { readonly path: string; readonly text: string; readonly onLost: () => void };
  readonly #timer: NodeJS.Timeout;
  #touching: Promise<void> | undefined;
  #over = false;

  /** `onLost` is told once, when the file is gone or somebody else's. `everyMs`: 10 s where missing. */
  constructor({
    everyMs = 10_000,
    ...file
  }: {
    readonly path: string;
    readonly text: string;
    readonly onLost: () => void;
    readonly everyMs?: number | undefined;
  }) {
    this.#file = file;
    this.#timer = setInterval(this.#beat, everyMs).unref();
    // One that was stopped may have been taken for dead.
    process.on('SIGCONT', this.#beat);
  }

  /** Settles once the file is not touched any more. */
  async stop(): Promise<void> {
    this.#end();
    await this.#touching;
  }

  readonly #beat = (): void => {
    this.#touching ??= this.#touch().finally(() => {
      this.#touching = undefined;
    });
  };

  #end(): void {
    this.#over = true;
    clearInterval(this.#timer);
    process.off('SIGCONT', this.#beat);
  }

  async #touch(): Promise<void> {
    const { path, text, onLost } = this.#file;
    // A disk that doesn't answer is no lost lock: the next touch tells.
    const isOurs = await touchLock(path, text).catch(() => true);
    if (isOurs || this.#over) return;
    this.#end();
    onLost();
  }
}
