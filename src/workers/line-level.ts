import { stripVTControlCharacters } from 'node:util';
import type { LogLevel } from '../model/events.ts';

const BY_WORD: Readonly<Record<string, LogLevel>> = {
  TRACE: 'debug',
  DEBUG: 'debug',
  INFO: 'info',
  NOTICE: 'info',
  SUCCESS: 'info',
  WARN: 'warn',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
};
const WORDS = Object.keys(BY_WORD).join('|');

/** `ERROR: …`, `[WARNING] …`, `error: …`. */
const AT_START = new RegExp(`^\\s*(?:\\[\\s*(${WORDS})\\s*\\]|(${WORDS})\\s*:)`, 'i');
/** `2025-01-02 03:04:05,678 - name - ERROR - …`, `… | WARNING | …`, `[03:04:05] [INFO] …`: capitals, near the start. */
const AS_FIELD = new RegExp(`^.{0,120}?(?:\\s-\\s|\\|\\s*|\\[\\s*|:)(${WORDS})(?:\\s-\\s|\\s*\\||\\s*\\]|:)`);
/** `translate.py: error: unrecognized arguments`: how argparse ends. */
const ARGPARSE = /^\S+: error: /;
/** `RuntimeError: …`, `torch.cuda.OutOfMemoryError: …`: what Python says last. */
const EXCEPTION = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt)(?::|\s*$)/;
const FATAL_WORDS =
  /CUDA out of memory|CUDA error|HIP out of memory|OutOfMemoryError|Segmentation fault|core dumped/i;
/** `site-packages/x.py:12: FutureWarning: …`. */
const PYTHON_WARNING = /^(?:.*:\d+: )?[A-Za-z_.]*Warning: /;

const TRACEBACK = /Traceback \(most recent call last\)/;
/** What stands between two tracebacks of one chain; a group's lines begin with `|` or `+`, indented. */
const BETWEEN = /^(?:$|\s|During handling of the above|The above exception was)/;

/** The level of a line on its own, as its words have it; `info` where nothing says more. */
export function levelOfLine(line: string): LogLevel {
  const text = stripVTControlCharacters(line.slice(0, 2000));
  const start = AT_START.exec(text);
  const word = start?.[1] ?? start?.[2] ?? AS_FIELD.exec(text)?.[1];
  if (word !== undefined) return BY_WORD[word.toUpperCase()] ?? 'info';
  if (TRACEBACK.test(text) || ARGPARSE.test(text) || EXCEPTION.test(text) || FATAL_WORDS.test(text))
    return 'error';
  return PYTHON_WARNING.test(text) ? 'warn' : 'info';
}

/** Levels of one stream's lines, one after the other. Of a traceback the exception that it ends with is the error. */
export class LineLevels {
  #inTraceback = false;

  levelOf(line: string): LogLevel {
    const text = stripVTControlCharacters(line.slice(0, 2000));
    if (TRACEBACK.test(text)) {
      this.#inTraceback = true;
      return 'info';
    }
    if (!this.#inTraceback) return levelOfLine(line);
    this.#inTraceback = BETWEEN.test(text);
    return this.#inTraceback ? 'info' : 'error';
  }
}
