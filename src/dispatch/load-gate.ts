/**
 * Lets one worker go first where models have to be downloaded: two that do so at once spoil each other's files. The others
 * wait until its first page is done; where it is lost before, or has nothing left to do, the next one goes first.
 */
export class LoadGate {
  #holder: object | undefined;
  #open: boolean;
  #waiting: (() => void)[] = [];

  constructor(needed: boolean) {
    this.#open = !needed;
  }

  /** Settles when this one may start its worker. */
  async enter(who: object): Promise<void> {
    while (!this.#open && this.#holder !== undefined && this.#holder !== who) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (!this.#open) this.#holder = who;
  }

  /** A page is done: everybody may start. */
  succeeded(): void {
    if (this.#open) return;
    this.#open = true;
    this.#wakeAll();
  }

  /** Its worker is gone, or idle: the next one may go first. */
  leave(who: object): void {
    if (this.#holder !== who) return;
    this.#holder = undefined;
    this.#wakeAll();
  }

  #wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
