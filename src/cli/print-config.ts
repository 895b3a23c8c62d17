import { escapeControls } from '../model/escape-controls.ts';
import type { Origin, ReadOptions } from '../options/read-options.ts';
import { type Paint, paintFor } from '../report/colours.ts';
import { LineOutput } from '../report/output.ts';
import { redactorFor } from '../run/run-redactor.ts';

/** Takes keys, tokens and passwords out of a value. */
type Redact = <T>(value: T) => T;

type Origins = Readonly<Record<string, Origin>>;

/** What `run` and `plan` do with `--print-config`: the options on stdout, notices on stderr. */
export async function printConfig({ options, reporting, origins, notices }: ReadOptions): Promise<void> {
  const { env, stdout, stderr } = process;
  const redact = await redactorFor(options, { env, cwd: process.cwd() });
  stderr.write(printedNotices(notices, { paint: paintFor(stderr, env), redact: redact.text }));
  const out = new LineOutput(stdout);
  const printed = reporting.reporter === 'json' ? printedConfigJson : printedConfig;
  out.raw(printed(origins, redact.options));
  await out.written();
}

/** What it says on stderr: a line for each notice. A config file that was passed over explains a value that is missing. */
const printedNotices = (
  notices: readonly string[],
  { paint, redact }: { readonly paint: Paint; readonly redact: (text: string) => string },
): string => notices.map((text) => `${paint.yellow('warning:')} ${escapeControls(redact(text))}\n`).join('');

/** What `--print-config` shows: a line for each option, its value and where that came from. Ends with a newline. */
export function printedConfig(origins: Origins, redact: Redact): string {
  const rows = Object.entries(origins).map(([key, { value, from }]) => ({
    key,
    value: escapeControls(valueText(redact(value))),
    from: escapeControls(from),
  }));
  const keyWidth = Math.max(...rows.map(({ key }) => key.length));
  const valueWidth = Math.min(48, Math.max(...rows.map(({ value }) => value.length)));
  return rows
    .map(({ key, value, from }) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${from}\n`)
    .join('');
}

/** The same as one JSON object: `{ "gpus": { "value": "0,1", "from": "flag" } }`. Ends with a newline. */
export function printedConfigJson(origins: Origins, redact: Redact): string {
  const safe = Object.entries(origins).map(([key, { value, from }]) => [key, { value: redact(value), from }]);
  return `${JSON.stringify(Object.fromEntries(safe), null, 2)}\n`;
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(quoted).join(' ');
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return String(value);
}

function quoted(one: unknown): string {
  const text = String(one);
  return /\s|^$/.test(text) ? JSON.stringify(text) : text;
}
