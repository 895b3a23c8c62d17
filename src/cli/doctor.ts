import { runTool } from '../devices/run-tool.ts';
import { doctorText } from '../doctor/doctor-text.ts';
import { examine } from '../doctor/examine.ts';
import type { Diagnosis } from '../doctor/finding.ts';
import type { Redactor } from '../model/redact.ts';
import { shellQuote } from '../model/shell-quote.ts';
import type { GivenArguments } from '../options/find-values.ts';
import { loadRunOptions } from '../options/read-options.ts';
import { paintFor } from '../report/colours.ts';
import { columnsOf, LineOutput } from '../report/output.ts';
import { redactorFor } from '../run/run-redactor.ts';

/** `mgpu-translate doctor`: whether a run could start, and what mends it. Gives the exit code: 0, or 3 where it could not. */
export async function doctorCommand(given: GivenArguments): Promise<number> {
  const { env, stdin, stdout } = process;
  const cwd = process.cwd();
  const { options, config } = await loadRunOptions({ given, env, cwd, needsInput: false });
  const redact = await redactorFor(options, { env, cwd });
  const context = { options, config, cwd, env, stdin, call: runTool, quote: shellQuote, redact };
  const found = withoutSecrets(await examine(context), redact);
  const out = new LineOutput(stdout);
  out.line(
    given.flags.json === true
      ? JSON.stringify(found)
      : doctorText(found, paintFor(stdout, env), columnsOf(stdout)),
  );
  await out.written();
  return found.canStart ? 0 : 3;
}

const withoutSecrets = ({ findings, ...rest }: Diagnosis, redact: Redactor): Diagnosis => ({
  ...rest,
  findings: findings.map(({ text, mend, ...finding }) => ({
    ...finding,
    text: redact.text(text),
    ...(mend !== undefined && { mend: redact.text(mend) }),
  })),
});
