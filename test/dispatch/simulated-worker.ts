import type { AttemptResult, PageFailure, WorkAssignment } from '../../src/dispatch/assignment.ts';
import type { Page } from '../../src/model/page.ts';
import type { Slot } from '../../src/model/slot.ts';
import type { Ended, SimulatedProcess } from './natures.ts';
import type { World } from './world.ts';

/** What it takes to put a page on record: others may ask for work meanwhile. */
const RECORD_SECONDS = 0.001;

/** `handed-back`: the process was gone before it came to the page. */
type Answer = Ended | { readonly by: 'handed-back' };

/** Does what a slot with a warm worker does, until there is nothing left for it. */
export async function workPageByPage(world: World, slot: Slot): Promise<void> {
  await new SimulatedWarmSlot(world, slot).go();
}

/** A process with its pipe: pages that it has got and not come to wait in it. */
class Worker {
  readonly process: SimulatedProcess;
  readonly #world: World;
  #before: Promise<unknown> = Promise.resolve();
  #isLost = false;
  pages = 0;
  streak = 0;

  constructor(world: World, process: SimulatedProcess) {
    this.#world = world;
    this.process = process;
  }

  translate(page: Page): Promise<Answer> {
    const answer = this.#before.then(async (): Promise<Answer> => {
      if (this.#isLost) return { by: 'handed-back' };
      const ended = await this.#world.attempt(this.process, page);
      this.#isLost = ended.by === 'lost';
      return ended;
    });
    this.#before = answer;
    return answer;
  }
}

class SimulatedWarmSlot {
  readonly #world: World;
  readonly #slot: Slot;
  #worker: Worker | undefined;
  #isDistrusted = false;
  #ahead: { readonly page: Page; answer?: Promise<Answer> }[] = [];
  #loadSeconds: number | undefined;

  constructor(world: World, slot: Slot) {
    this.#world = world;
    this.#slot = slot;
  }

  async go(): Promise<void> {
    const { dispatcher, gate } = this.#world;
    const onIdle = (): void => gate.rest(this.#slot);
    for (;;) {
      const assignment = await dispatcher.next(this.#slot, { onIdle });
      if (!assignment) break;
      if (assignment.by === 'vacate') this.#end();
      else await this.#work(assignment);
    }
    this.#end();
    gate.rest(this.#slot);
  }

  async #work(assignment: WorkAssignment): Promise<void> {
    const { clock, story } = this.#world;
    const since = clock.seconds;
    const result = await this.#attempt(assignment);
    if (assignment.needsFresh) {
      story.controls += 1;
      story.controlSeconds += clock.seconds - since;
    }
    if (this.#world.settle(assignment, result)) this.#isDistrusted = this.#worker !== undefined;
    await this.#world.clock.sleep(this.#world.scenario.pauseSeconds?.(this.#slot) ?? 0);
  }

  async #attempt(assignment: WorkAssignment): Promise<AttemptResult> {
    const [page] = assignment.pages;
    if (!page) throw new Error('an assignment without a page');
    const sent = this.#takeAhead(page)?.answer;
    const begun = sent === undefined ? await this.#begin(assignment, page) : { answer: sent };
    if ('by' in begun) return begun;
    await this.#prepareNext(assignment);
    const answer = await begun.answer;
    const worker = this.#worker;
    if (answer.by === 'handed-back' || !worker) return { by: 'returned', remaining: [page] };
    worker.pages += 1;
    if (answer.by === 'done') worker.streak = 0;
    if (answer.by === 'lost') this.#end();
    else await this.#goOn(answer);
    await this.#prepareLater(answer);
    return this.#resultOf(assignment, page, worker, answer);
  }

  /** The page in the hands of a process, or what became of it before. */
  async #begin(
    assignment: WorkAssignment,
    page: Page,
  ): Promise<{ readonly answer: Promise<Answer> } | AttemptResult> {
    const { needsFresh, pages } = assignment;
    const isUsed = this.#isDistrusted || (needsFresh && (this.#worker?.pages ?? 0) > 0);
    if (isUsed) this.#end();
    if (!this.#worker) {
      const { gate, clock } = this.#world;
      await gate.enter(this.#slot);
      if (this.#world.isStopped) {
        gate.gone(this.#slot);
        return { by: 'returned', remaining: pages };
      }
      const since = clock.seconds;
      const started = await this.#world.start(this.#slot);
      if ('words' in started) {
        const lost = { withoutSign: true, lastWords: started.words, lastLines: [started.words] };
        return { by: 'no-start', remaining: pages, lost, beside: started.beside };
      }
      gate.ready(this.#slot);
      this.#loadSeconds = clock.seconds - since;
      this.#worker = new Worker(this.#world, started);
    }
    const mayBegin = await this.#world.dispatcher.turn(assignment);
    return mayBegin ? { answer: this.#worker.translate(page) } : { by: 'returned', remaining: pages };
  }

  async #prepareNext({ attempt }: WorkAssignment): Promise<void> {
    const { ahead } = this.#world.scenario;
    if (!ahead || attempt > 1 || this.#isDistrusted || this.#world.isStopped) return;
    const assignment = await this.#world.dispatcher.next(this.#slot, { ahead });
    const page = assignment?.by === 'work' ? assignment.pages[0] : undefined;
    if (!page) return;
    this.#ahead = [this.#takeAhead(page) ?? { page }];
    if (ahead === 'send') this.#send();
  }

  /** While the page is put on record and the worker has the next one. */
  async #prepareLater({ by }: Ended): Promise<void> {
    if (by !== 'done' || !this.#ahead[0]?.answer || this.#isDistrusted || this.#world.isStopped) return;
    const assignment = await this.#world.dispatcher.next(this.#slot, { ahead: 'hold' });
    const page = assignment?.by === 'work' ? assignment.pages[0] : undefined;
    if (page) this.#ahead.push({ page });
    await this.#world.clock.sleep(RECORD_SECONDS);
  }

  async #goOn({ by }: Ended): Promise<void> {
    const [next] = this.#ahead;
    if (by !== 'done' || !next || next.answer || this.#isDistrusted || this.#world.isStopped) return;
    const assignment = await this.#world.dispatcher.next(this.#slot, { ahead: 'send-held' });
    if (assignment?.by === 'work' && assignment.pages[0] === next.page) this.#send();
  }

  #takeAhead(page: Page): { readonly page: Page; answer?: Promise<Answer> } | undefined {
    const at = this.#ahead.findIndex((next) => next.page === page);
    this.#ahead.splice(0, at === -1 ? this.#ahead.length : at);
    return this.#ahead.shift();
  }

  #send(): void {
    const [next] = this.#ahead;
    if (next && this.#worker) next.answer = this.#worker.translate(next.page);
  }

  #resultOf(assignment: WorkAssignment, page: Page, worker: Worker, answer: Ended): AttemptResult {
    const loadSeconds = this.#loadSeconds;
    this.#loadSeconds = undefined;
    switch (answer.by) {
      case 'done':
        this.#world.done(assignment, page, loadSeconds);
        return { by: 'ended', failed: [], remaining: [] };
      case 'busy':
        return { ...answer, page, remaining: [] };
      case 'failed':
        return { by: 'ended', failed: [failureOf(page, worker, answer)], remaining: [] };
      case 'lost': {
        const failed = [failureOf(page, worker, answer)];
        const evidence = { pages: [], finished: [], named: [], outputsSinceNamed: 0, broken: new Map() };
        const lost = { withoutSign: false, lastWords: answer.message, lastLines: [answer.message] };
        return { by: 'lost', failed, evidence, lost };
      }
    }
  }

  #end(): void {
    if (this.#worker) this.#world.leave(this.#worker.process);
    this.#worker = undefined;
    this.#isDistrusted = false;
  }
}

function failureOf(
  page: Page,
  worker: Worker,
  { reason, message }: Extract<Ended, { by: 'failed' | 'lost' }>,
): PageFailure {
  if (reason === 'unreadable') return { page, reason, message, streak: 1, isFresh: false };
  worker.streak += 1;
  return { page, reason, message, streak: worker.streak, isFresh: worker.pages <= 1 };
}
