import { stripVTControlCharacters } from 'node:util';
import { escapeControls } from '../model/escape-controls.ts';
import type { ClusterNode, LogLevel, RunEvent } from '../model/events.ts';
import { exitWords } from '../model/exit-words.ts';
import { gpuName } from '../model/slot.ts';
import type { Paint } from './colours.ts';
import { shorten } from './escape.ts';
import { durationText, plural } from './format.ts';
import { isShown } from './shown-level.ts';

const LOG_LINE_CHARACTERS = 2000;
const MESSAGE_CHARACTERS = 300;

/** How an event is shown to people. */
export interface LineSetting {
  readonly logLevel: LogLevel | 'silent';
  readonly paint: Paint;
}

/** The one line that an event is worth among others; undefined for those that only move the bar. `why`: a worker's last words. */
export function eventLine(
  event: RunEvent,
  { logLevel, paint }: LineSetting,
  why?: string,
): string | undefined {
  switch (event.type) {
    case 'run-started':
      return `${clock(event)}  ${escapeControls(event.translator)} on ${event.slots.length > 0 ? slotsText(event.slots) : `up to ${plural(event.gpus.length, 'GPU')}`}, strategy ${event.strategy}`;
    case 'pages-found':
      return `${clock(event)}  ${foundText(event)}`;
    case 'worker-log':
      return isShown(event.level, logLevel) ? logLine(event, paint) : undefined;
    case 'worker-ready':
      return `${clock(event)}  ${event.slot} ready after ${durationText(event.loadSeconds)}`;
    case 'worker-exited':
      if (event.exitCode === 0) return undefined;
      if (event.why !== undefined)
        return `${clock(event)}  ${paint.yellow(`${event.slot} worker stopped`)} after ${plural(event.pages, 'page')}: ${brief(event.why)}`;
      return `${clock(event)}  ${paint.yellow(`${event.slot} worker ended`)} with ${endText(event)} after ${plural(event.pages, 'page')}${why === undefined ? '' : `: ${brief(why)}`}`;
    case 'slot-joined':
      return `${clock(event)}  slot ${escapeControls(event.slot)} joined: ${brief(event.why)}`;
    case 'slot-retired':
      // What packing decides about a device is a line of its own.
      return event.by ? undefined : `${clock(event)}  ${retiredText(event.slot, event.why, paint)}`;
    case 'packing-changed':
      return `${clock(event)}  ${plural(event.workers, 'worker')} on ${gpuName(event.gpu)}${event.times === undefined ? '' : `, ${event.times.toFixed(1)} × one`}: ${brief(event.why)}`;
    case 'node-joined':
      return `${clock(event)}  ${nodeText(event)}`;
    case 'node-left':
      return `${clock(event)}  ${paint.red(`${escapeControls(event.node)} left`)}: ${brief(event.why)}`;
    case 'service-waiting':
      return `${clock(event)}  ${paint.yellow(`waiting ${waitText(event.seconds)} for the service`)} (${brief(event.message)})`;
    case 'gpu-benched':
      return `${clock(event)}  ${paint.red(`${gpuName(event.gpu)} disabled`)}: ${brief(event.reason)}`;
    case 'page-retried':
      return `${clock(event)}  ${paint.yellow('retry')}  ${escapeControls(event.page)}  ${whyText(event.reason, event.message)} (attempt ${event.attempt} on ${event.slot})`;
    case 'page-finished':
      return finishedLine(event, paint);
    case 'archive-packed':
      return `${clock(event)}  packed ${escapeControls(event.output)} with ${plural(event.pages, 'page')}${event.incomplete ? paint.yellow(', incomplete') : ''}`;
    case 'notice':
      return `${clock(event)}  ${event.level === 'warn' ? paint.yellow('warning') : 'note'}  ${escapeControls(event.text)}`;
    case 'run-finished':
    case 'pages-left':
    case 'pages-to-do':
    case 'folders-found':
    case 'forecast':
    case 'worker-started':
    case 'gpu-sampled':
    case 'page-started':
    case 'page-stage':
    case 'page-written':
      return undefined;
  }
}

/** `12:03:44` of an event, in local time. */
export function clock({ time }: { readonly time: string }): string {
  return new Date(time).toTimeString().slice(0, 8);
}

const brief = (text: string): string => shorten(escapeControls(text.trim()), MESSAGE_CHARACTERS);

/** `slot gpu0-1 retired: 1 of 2 workers fit on gpu0`. */
export const retiredText = (slot: string, why: string, paint: Paint): string =>
  `${paint.yellow(`slot ${escapeControls(slot)} retired`)}: ${brief(why)}`;

/** `node1: 10.0.0.1 (gpu-a), 8 GPUs`. */
const nodeText = ({ node, address, host, gpus }: ClusterNode): string =>
  `${escapeControls(node)}: ${brief(address)} (${brief(host)}), ${plural(gpus, 'GPU')}`;

const waitText = (seconds: number): string => durationText(seconds).replace(/\.0 s$/, ' s');

const endText = ({ exitCode, signal }: { exitCode: number | null; signal: string | null }): string =>
  signal ?? (exitCode === null ? 'no exit code' : exitWords(exitCode));

/** `crash: exit code 1`; a message that begins with the reason stands alone. */
function whyText(reason: string | undefined, message: string | undefined): string {
  const words = message === undefined ? '' : brief(message);
  return reason !== undefined && words.startsWith(reason)
    ? words
    : [reason, words].filter(Boolean).join(': ');
}

function slotsText(slots: readonly string[]): string {
  const shown = slots.slice(0, 8).join(', ');
  return slots.length > 8 ? `${shown} and ${slots.length - 8} more` : shown;
}

function foundText({ pages, skipped }: { pages: number; skipped: number }): string {
  return skipped > 0
    ? `${plural(pages, 'page')}, ${skipped} done before: ${pages - skipped} to do`
    : `${plural(pages, 'page')} to do`;
}

function logLine({ slot, text, level }: Extract<RunEvent, { type: 'worker-log' }>, paint: Paint): string {
  const line = shorten(escapeControls(stripVTControlCharacters(text)), LOG_LINE_CHARACTERS);
  const painted = level === 'error' ? paint.red(line) : level === 'warn' ? paint.yellow(line) : line;
  return `${paint.dim(`${slot} |`)} ${painted}`;
}

function finishedLine(event: Extract<RunEvent, { type: 'page-finished' }>, paint: Paint): string | undefined {
  if (event.outcome === 'translated' || event.outcome === 'no-text') return undefined;
  const word = event.outcome === 'failed' ? paint.red('failed') : paint.yellow('untranslated');
  const why = whyText(event.reason, event.message);
  const where = event.slot === undefined ? '' : ` (attempt ${event.attempt} on ${event.slot})`;
  return `${clock(event)}  ${word}  ${escapeControls(event.page)}${why && `  ${why}`}${where}`;
}
