import { Refusal } from '../model/refusal.ts';
import { shellQuote } from '../model/shell-quote.ts';
import { Stop } from '../model/stop.ts';
import type { GivenArguments } from '../options/find-values.ts';
import { loadRunOptions, noticed, type ReadOptions } from '../options/read-options.ts';
import { chooseReporter } from '../report/choose.ts';
import { paintFor } from '../report/colours.ts';
import { columnsOf } from '../report/output.ts';
import { neverStarted, whyNotStarted } from '../run/never-started.ts';
import type { RunDeps } from '../run/run-deps.ts';
import { translatePages } from '../run/translate-pages.ts';
import { callOnFinish } from './on-finish.ts';
import { printConfig } from './print-config.ts';
import { stopOnSignals } from './stop-on-signals.ts';
import { tellError } from './tell-error.ts';
import { areOnePlace, whyItEnded } from './tell-why.ts';
import { wordsToResume } from './words-to-resume.ts';

/** `mgpu-translate run`: options read, pages translated, the summary printed. Gives the exit code. */
export async function runCommand(given: GivenArguments, argv: readonly string[]): Promise<number> {
  const { env } = process;
  const read = await loadRunOptions({ given, env, cwd: process.cwd() });
  if (read.reporting.printConfig) {
    await printConfig(read);
    return 0;
  }
  return translateAndReport({
    ...read,
    inRefusal: read.config.notices,
    continueCommand: ({ redact, ...state }) =>
      shellQuote(redact.options(['mgpu-translate', ...wordsToResume(argv, state)])),
  });
}

/** What a command translates, and how it tells of it. */
interface Telling extends Pick<ReadOptions, 'options' | 'notices'> {
  readonly reporting: Pick<ReadOptions['reporting'], 'reporter' | 'quiet'>;
  /** Notices that the refusal of a run that can't start repeats. */
  readonly inRefusal?: readonly string[];
  readonly continueCommand: NonNullable<RunDeps['continueCommand']>;
}

/**
 * Translates pages until all are done or a signal stops it, prints what happens and the summary, and calls what `--on-finish` names.
 * Gives the exit code.
 */
export async function translateAndReport({
  options,
  reporting,
  notices,
  inRefusal = [],
  continueCommand,
}: Telling): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const reporter = await chooseReporter({
    wanted: reporting.reporter,
    stdout,
    stderr,
    env,
    logLevel: options.logLevel,
  });
  const beganMs = performance.now();
  const stop = new Stop();
  const letGo = stopOnSignals(stop, { process, hasTerminal: stderr.isTTY === true });
  try {
    const summary = await translatePages(options, {
      cwd: process.cwd(),
      env,
      stdin,
      stop,
      notices,
      report: (event) => reporter.report(event),
      continueCommand,
    });
    await reporter.finish(summary);
    if (!reporting.quiet && reporting.reporter === 'none') {
      const { summaryText } = await import('../report/summary-text.ts');
      stdout.write(`${summaryText(summary, paintFor(stdout, env), columnsOf(stdout))}\n`);
    }
    const isInSummary = !reporting.quiet && reporting.reporter !== 'json';
    if (stop.hasBegun && !(isInSummary && areOnePlace()))
      stderr.write(whyItEnded(summary, paintFor(stderr, env)));
    const exitCode = summary.exitCode ?? 3;
    letGo(stop.hasBegun || options.onFinish !== undefined ? exitCode : undefined);
    await callOnFinish(options, summary);
    return exitCode;
  } catch (error) {
    reporter.abandon();
    const told = stop.hasBegun ? error : noticed(error, inRefusal);
    const isWrongUse = told instanceof Refusal && told.exitCode === 2;
    if (isWrongUse || options.onFinish === undefined) {
      letGo();
      throw told;
    }
    const exitCode = tellError(told);
    letGo(exitCode);
    const seconds = (performance.now() - beganMs) / 1000;
    await callOnFinish(options, neverStarted({ ...whyNotStarted(told), exitCode, seconds }).summary);
    return exitCode;
  }
}
