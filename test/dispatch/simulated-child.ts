import type { AttemptResult, PageFailure, WorkAssignment } from '../../src/dispatch/assignment.ts';
import type { Page, PageId } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import { FailingStreak } from '../../src/run/slots/failing-streak.ts';
import { toldInOrder } from '../../src/run/slots/told-failures.ts';
import { tellsOutOfMemory } from '../../src/translators/out-of-memory.ts';
import type { LoggedOutcome } from '../../src/translators/translator.ts';
import type { Ended, SimulatedProcess } from './natures.ts';
import type { World } from './world.ts';

/** What a program does about a page that fails: tells and goes on, ends, or goes on without a word. */
type Habit = 'tells' | 'raises' | 'passes-over';
type Failure = Exclude<Ended, { by: 'done' }>;

/** Does what a slot with a program for batches does, one child after another, until there is nothing left for it. */
export async function workInBatches(world: World, slot: Slot, habit: Habit): Promise<void> {
  for (;;) {
    const assignment = await world.dispatcher.next(slot);
    if (assignment?.by !== 'work') return;
    world.settle(assignment, await new Batch(world, assignment, habit).result());
  }
}

/** One child over one batch. */
class Batch {
  readonly #world: World;
  readonly #assignment: WorkAssignment;
  readonly #habit: Habit;
  readonly #finished: PageId[] = [];
  readonly #named: PageId[] = [];
  readonly #told = new Map<PageId, Pick<PageFailure, 'reason' | 'message'>>();
  readonly #streak = new FailingStreak((page) => this.#loggedOf(page));
  #loadSeconds: number | undefined;
  #isReady = false;

  constructor(world: World, assignment: WorkAssignment, habit: Habit) {
    this.#world = world;
    this.#assignment = assignment;
    this.#habit = habit;
  }

  async result(): Promise<AttemptResult> {
    const { pages, slot } = this.#assignment;
    if (!(await this.#world.dispatcher.turn(this.#assignment))) return { by: 'returned', remaining: pages };
    await this.#world.gate.enter(slot);
    if (this.#world.isStopped) {
      this.#world.gate.gone(slot);
      return { by: 'returned', remaining: pages };
    }
    const since = this.#world.clock.seconds;
    const started = await this.#world.start(slot);
    if ('words' in started) {
      const lastLines = [started.words];
      const isOutOfMemory = tellsOutOfMemory(lastLines);
      const lost = { withoutSign: true, lastWords: started.words, lastLines, isOutOfMemory };
      const [page] = pages;
      const alone = pages.length === 1 && page && { alone: failureOf(page, failureFrom(started.words)) };
      return { by: 'no-start', remaining: pages, lost, beside: started.beside, ...alone };
    }
    this.#loadSeconds = this.#world.clock.seconds - since;
    const end = await this.#work(started);
    const beside = this.#world.leave(started);
    return this.#resultOf(end, beside);
  }

  /** Page by page; returns what the child said at its end. */
  async #work(process: SimulatedProcess): Promise<Failure | 'failing'> {
    let last: Failure = failureFrom('ended without an output');
    for (const page of this.#assignment.pages) {
      if (this.#world.scenario.namesPages) this.#name(page);
      this.#streak.started(page.id);
      const ended = await this.#world.attempt(process, page);
      if (ended.by === 'done') {
        this.#ready();
        this.#finished.push(page.id);
        const loadSeconds = this.#loadSeconds;
        this.#loadSeconds = undefined;
        this.#world.done(this.#assignment, page, loadSeconds);
        continue;
      }
      if (ended.by !== 'lost' && this.#habit === 'tells') {
        this.#told.set(page.id, failureOf(page, ended));
        const { count, message } = this.#streak.now;
        if (count >= this.#world.dispatcher.failuresInARow(message)) return 'failing';
      } else if (ended.by === 'lost' || this.#habit === 'raises') return ended;
      last = ended;
    }
    return last;
  }

  #loggedOf(page: PageId): LoggedOutcome | undefined {
    const told = this.#told.get(page);
    if (told) return { outcome: 'failed', ...told };
    return this.#finished.includes(page) ? { outcome: 'translated', saved: true } : undefined;
  }

  #name(page: Page): void {
    this.#ready();
    this.#named.push(page.id);
  }

  #ready(): void {
    if (!this.#isReady) this.#world.gate.ready(this.#assignment.slot);
    this.#isReady = true;
  }

  /** As a slot tells it: see `BatchAtWork`. */
  #resultOf(end: Failure | 'failing', beside: ReturnType<World['leave']>): AttemptResult {
    const { pages } = this.#assignment;
    const finished = this.#finished;
    const failed = toldInOrder(pages, { told: this.#told, finished });
    const done = new Set([...finished, ...this.#told.keys()]);
    const undone = pages.filter(({ id }) => !done.has(id));
    const [page] = undone;
    if (!page || end === 'failing') return { by: 'ended', failed, remaining: undone };
    const withoutSign = finished.length + this.#named.length === 0;
    const lost = { withoutSign, lastWords: end.message, lastLines: [end.message] };
    const alone = pages.length === 1 ? failureOf(page, end) : undefined;
    if (withoutSign && beside && failed.length === 0) {
      return { by: 'no-start', remaining: undone, lost, beside, ...(alone && { alone }) };
    }
    const evidence = {
      pages: alone ? [] : undone,
      finished,
      named: this.#named,
      outputsSinceNamed: 0,
      broken: new Map(),
    };
    return { by: 'lost', failed: alone ? [...failed, alone] : failed, evidence, lost };
  }
}

const failureFrom = (message: string): Failure => ({
  by: 'lost',
  reason: tellsOutOfMemory([message]) ? 'oom' : 'crash',
  message,
});

function failureOf(page: Page, end: Failure): PageFailure {
  const reason = end.by === 'busy' ? 'error' : end.reason;
  return { page, reason, message: end.message, streak: 1, isFresh: true };
}
