import { Readable } from 'node:stream';
import type { RunEvent } from '../model/events.ts';
import { Stop } from '../model/stop.ts';
import type { RunSummary } from '../report/run-summary.ts';
import { translatePages as runToEnd } from '../run/translate-pages.ts';
import { EventStream } from './event-stream.ts';
import { readTranslateOptions, type TranslateOptions } from './translate-options.ts';

/** Where a run takes place, and how it is stopped. */
export interface TranslateDeps {
  /** Environment of the translator. Default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. Default: the process's own. */
  readonly cwd?: string;
  /** Stops in good order, as Ctrl-C does: pages in flight finish, no new ones are begun; the summary's exit code is 130. */
  readonly signal?: AbortSignal;
  /** Ends at once, as a second Ctrl-C does: pages in flight are left for the next run. */
  readonly killSignal?: AbortSignal;
}

/**
 * A run under way. Iterated it gives every event from then on; asked for in the same tick in which the run was started, it
 * misses none. Leaving the loop does not stop the run.
 */
export interface Translation extends AsyncIterable<RunEvent> {
  /**
   * What the run did, once it is over. A run that could not go on has exit code 3 and a message there; one that could not
   * start rejects with a Refusal, as iterating then throws it.
   */
  readonly summary: Promise<RunSummary>;
}

/**
 * Translates pages on every GPU, as `mgpu-translate run` does. It starts at once; what it writes, locks and resumes is the
 * same, so the command line can go on where a program stopped.
 */
export function translatePages(options: TranslateOptions, deps: TranslateDeps = {}): Translation {
  const stream = new EventStream();
  const summary = start(options, deps, (event) => stream.push(event));
  summary.then(
    () => stream.end({}),
    (error: unknown) => {
      // Told to those who iterate; a rejection that nobody looks at would end the process besides.
      if (stream.end({ error })) summary.catch(() => {});
    },
  );
  return { summary, [Symbol.asyncIterator]: () => stream.subscribe() };
}

async function start(
  options: TranslateOptions,
  { env = process.env, cwd = process.cwd(), signal, killSignal }: TranslateDeps,
  report: (event: RunEvent) => void,
): Promise<RunSummary> {
  const runOptions = readTranslateOptions(options, { cwd, env });
  const stop = new Stop();
  const letGo = [onAbort(signal, () => stop.ask('SIGINT')), onAbort(killSignal, () => stop.insist('SIGINT'))];
  try {
    // A library reads nobody's standard input.
    return await runToEnd(runOptions, { cwd, env: { ...env }, stdin: Readable.from([]), stop, report });
  } finally {
    for (const leave of letGo) leave();
  }
}

/** Calls back once when the signal is aborted, or now where it is; returns what takes the listener away. */
function onAbort(signal: AbortSignal | undefined, act: () => void): () => void {
  if (signal?.aborted) act();
  signal?.addEventListener('abort', act, { once: true });
  return () => signal?.removeEventListener('abort', act);
}
