import { stripVTControlCharacters } from 'node:util';
import type { RunEvent, WorkerExited } from '../model/events.ts';
import { isGood } from '../model/outcome.ts';
import type { SlotId } from '../model/slot.ts';
import { tellsException } from '../workers/last-words.ts';
import { eventLine, type LineSetting } from './event-line.ts';
import { plural } from './format.ts';
import { isShown } from './shown-level.ts';

/** How long what a worker complains of may wait for the event that says the same. */
const HELD_MS = 2000;
/** Of one slot; what comes beyond them is shown without waiting. */
const MOST_HELD = 50;
/** Lines that are known again. */
const MOST_KNOWN = 1000;
const NAMED_LOGS = 3;
/** A message is cut: so much of a line is looked for in it. */
const COMPARED_CHARACTERS = 160;
const TIME_OF_DAY = /(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?/g;

type WorkerLog = RunEvent & { readonly type: 'worker-log' };

/** What a slot's worker complained of lately, and how it ended. */
interface Held {
  logs: WorkerLog[];
  exit: (RunEvent & WorkerExited) | undefined;
  sinceMs: number;
}

/** A line for people; `isLog`: a worker's own, which may be left out where they come too fast. */
interface ShownLine {
  readonly text: string;
  readonly isLog: boolean;
}

/**
 * The lines that events are worth to people. A failed try is one line: what its worker said of it besides, and that the worker
 * ended with it, is not shown. Lines that workers say again are shown once. All of it is in the logs, and shown from level
 * `info` on.
 */
export class EventLines {
  readonly #setting: LineSetting;
  readonly #showsAll: boolean;
  readonly #held = new Map<SlotId, Held>();
  /** What the last failed try of each slot said: its worker's lines may come after it. */
  readonly #said = new Map<SlotId, { readonly message: string; readonly atMs: number }>();
  readonly #known = new Set<string>();
  #repeated = 0;
  readonly #repeating = new Set<SlotId>();

  constructor(setting: LineSetting) {
    this.#setting = setting;
    this.#showsAll = isShown('info', setting.logLevel);
  }

  /** The lines to show for an event, among them some that were held until now. */
  add(event: RunEvent, nowMs: number): ShownLine[] {
    if (this.#showsAll) return this.#lineOf(event);
    switch (event.type) {
      case 'worker-log':
        return this.#addLog(event, nowMs);
      case 'worker-started':
        // What its last worker said is about no page then.
        return this.#release((slot, { exit }) => slot === event.slot && exit !== undefined);
      case 'worker-exited':
        if (event.exitCode !== 0) this.#heldOf(event.slot, nowMs).exit = event;
        return [];
      case 'page-retried':
        return this.#addFailure(event, nowMs);
      case 'page-finished':
        return isGood(event.outcome) ? [] : this.#addFailure(event, nowMs);
      case 'slot-retired':
      case 'gpu-benched':
        return [...this.#release(), ...this.#lineOf(event)];
      default:
        return this.#lineOf(event);
    }
  }

  /** What no event has explained in its time. */
  due(nowMs: number): ShownLine[] {
    return this.#release((_slot, held) => nowMs - held.sinceMs >= HELD_MS);
  }

  /** All that is held, and how much was left out. */
  end(): ShownLine[] {
    const lines = this.#release();
    if (this.#repeated === 0) return lines;
    const logs = [...this.#repeating].slice(0, NAMED_LOGS).map((slot) => `${slot}.log`);
    const rest = this.#repeating.size - logs.length;
    const where = `${logs.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
    const text = `${plural(this.#repeated, 'line')} repeated by workers: see ${where} in the logs folder`;
    return [...lines, { text, isLog: true }];
  }

  #addLog(event: WorkerLog, nowMs: number): ShownLine[] {
    if (!isShown(event.level, this.#setting.logLevel)) return [];
    if (event.level !== 'error') return this.#logLine(event);
    const said = this.#said.get(event.slot);
    if (said && nowMs - said.atMs < HELD_MS && isSaidIn(said.message, event)) return [];
    const { logs } = this.#heldOf(event.slot, nowMs);
    logs.push(event);
    const first = logs.length > MOST_HELD ? logs.shift() : undefined;
    return first ? this.#logLine(first) : [];
  }

  #addFailure(
    event: RunEvent & { readonly slot?: SlotId; readonly message?: string },
    nowMs: number,
  ): ShownLine[] {
    const { slot, message = '' } = event;
    if (slot === undefined) return this.#lineOf(event);
    const held = this.#held.get(slot);
    this.#held.delete(slot);
    this.#said.set(slot, { message, atMs: nowMs });
    const others = held?.logs.filter((log) => !isSaidIn(message, log)) ?? [];
    return [...others.flatMap((log) => this.#logLine(log)), ...this.#lineOf(event)];
  }

  #heldOf(slot: SlotId, sinceMs: number): Held {
    const held = this.#held.get(slot) ?? { logs: [], exit: undefined, sinceMs };
    this.#held.set(slot, held);
    return held;
  }

  #release(isDue: (slot: SlotId, held: Held) => boolean = () => true): ShownLine[] {
    if (this.#held.size === 0) return [];
    const due = [...this.#held].filter(([slot, held]) => isDue(slot, held));
    return due.flatMap(([slot, { logs, exit }]) => {
      this.#held.delete(slot);
      const last = logs.at(-1);
      const why = exit && last && tellsException([plainText(last)]) ? last : undefined;
      const others = why ? logs.filter((log) => !tellsException([plainText(log)])) : logs;
      const lines = others.flatMap((log) => this.#logLine(log));
      return exit ? [...lines, ...this.#lineOf(exit, why && plainText(why))] : lines;
    });
  }

  #logLine(event: WorkerLog): ShownLine[] {
    const known = `${event.level} ${plainText(event).replace(TIME_OF_DAY, '')}`;
    if (this.#known.has(known)) {
      this.#repeated += 1;
      this.#repeating.add(event.slot);
      return [];
    }
    this.#known.add(known);
    for (const oldest of this.#known) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
    return this.#lineOf(event);
  }

  #lineOf(event: RunEvent, why?: string): ShownLine[] {
    const text = eventLine(event, this.#setting, why);
    return text === undefined ? [] : [{ text, isLog: event.type === 'worker-log' }];
  }
}

/** True where a failed try's message has what its worker said: an exception ended the try, or led to it, and a colon announces one. */
function isSaidIn(message: string, log: WorkerLog): boolean {
  const text = plainText(log);
  return (
    tellsException([text]) ||
    text.endsWith(':') ||
    message.includes(text.slice(0, COMPARED_CHARACTERS)) ||
    (message !== '' && text.includes(message.slice(0, COMPARED_CHARACTERS)))
  );
}

const plainText = ({ text }: WorkerLog): string => stripVTControlCharacters(text.slice(0, 2000)).trim();
