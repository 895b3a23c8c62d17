import type { RunTool } from '../devices/run-tool.ts';
import type { Redactor } from '../model/redact.ts';
import type { RunOptions } from '../model/run-options.ts';

/** What the checks look at: the options of the run to come, and where it would take place. */
export interface DoctorContext {
  readonly options: RunOptions;
  /** Where options came from, besides flags and variables, and what is to be said of that. */
  readonly config: { readonly file?: string; readonly notices: readonly string[] };
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
  /** Calls a program, without a shell. */
  readonly call: RunTool;
  /** Takes secrets out of what is said, before anything is cut. */
  readonly redact: Redactor;
  /** Words as a shell takes them, for commands that mend. */
  readonly quote: (words: readonly string[]) => string;
}
