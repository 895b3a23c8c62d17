import { shellQuote } from '../model/shell-quote.ts';
import type { GivenArguments } from '../options/find-values.ts';
import { loadRunOptions, noticed } from '../options/read-options.ts';
import { makePlan } from '../plan/make-plan.ts';
import { planText } from '../plan/plan-text.ts';
import { paintFor } from '../report/colours.ts';
import { LineOutput } from '../report/output.ts';
import { redactorFor } from '../run/run-redactor.ts';
import { printConfigOf, printedNotices } from './print-config.ts';

/** `mgpu-translate plan`: what `run` would do. Starts and writes nothing. Gives the exit code. */
export async function planCommand(given: GivenArguments): Promise<number> {
  const { env, stdin, stdout, stderr } = process;
  const cwd = process.cwd();
  const read = await loadRunOptions({ given, env, cwd });
  const { options, reporting, notices, config } = read;
  const out = new LineOutput(stdout);
  if (reporting.printConfig) {
    const redact = await redactorFor(options, { env, cwd });
    stderr.write(printedNotices(notices, { paint: paintFor(stderr, env), redact: redact.text }));
    out.raw(printConfigOf(read, redact.options));
  } else {
    const plan = await makePlan(options, { cwd, env, stdin }).catch((error) => {
      throw noticed(error, config.notices);
    });
    plan.notices.unshift(...notices.map((text) => ({ level: 'warn' as const, text })));
    out.line(
      reporting.reporter === 'json'
        ? JSON.stringify(plan)
        : planText(plan, { paint: paintFor(stdout, env), quote: shellQuote }),
    );
  }
  await out.written();
  return 0;
}
