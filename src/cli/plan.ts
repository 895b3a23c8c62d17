import { shellQuote } from '../model/shell-quote.ts';
import type { GivenArguments } from '../options/find-values.ts';
import { loadRunOptions, noticed } from '../options/read-options.ts';
import { makePlan } from '../plan/make-plan.ts';
import { planText } from '../plan/plan-text.ts';
import { paintFor } from '../report/colours.ts';
import { columnsOf, LineOutput } from '../report/output.ts';
import { printConfig } from './print-config.ts';

/** `mgpu-translate plan`: what `run` would do. Starts and writes nothing. Gives the exit code. */
export async function planCommand(given: GivenArguments): Promise<number> {
  const { env, stdin, stdout } = process;
  const cwd = process.cwd();
  const read = await loadRunOptions({ given, env, cwd });
  const { options, reporting, notices, config } = read;
  if (reporting.printConfig) {
    await printConfig(read);
    return 0;
  }
  const plan = await makePlan(options, { cwd, env, stdin }).catch((error) => {
    throw noticed(error, config.notices);
  });
  plan.notices.unshift(...notices.map((text) => ({ level: 'warn' as const, text })));
  const out = new LineOutput(stdout);
  out.line(
    reporting.reporter === 'json'
      ? JSON.stringify(plan)
      : planText(plan, { paint: paintFor(stdout, env), quote: shellQuote, columns: columnsOf(stdout) }),
  );
  await out.written();
  return 0;
}
