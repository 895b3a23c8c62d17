import * as z from 'zod';
import { keptMessage, keptName, keptNote } from '../model/kept-text.ts';
import { LONGEST_RETRY_AFTER_SECONDS } from '../translators/service-refusal.ts';
import type { Redact } from './lines.ts';

/** The number of the worker protocol that this launcher speaks. */
const PROTOCOL = 1;

/** What a worker is given for one page. */
export const pageRequest = z.object({
  type: z.literal('page'),
  id: z.string(),
  /** Absolute path of the page. */
  input: z.string(),
  /** Absolute path where the worker has to write; its folder may not be there yet. */
  output: z.string(),
  /** Pages of one group belong together, as those of a folder; a worker may carry context from one to the next. */
  group: z.string(),
  width: z.number().optional(),
  height: z.number().optional(),
});
export type PageRequest = Readonly<Omit<z.infer<typeof pageRequest>, 'type'>>;

const atMost =
  (most: number) =>
  (value: number): number =>
    Math.min(value, most);
/** A year, and a pebibyte: what a worker says beyond that is wrong, and sums of it would be no numbers any more. */
const seconds = z
  .number()
  .nonnegative()
  .transform(atMost(366 * 24 * 3600));
const bytes = z
  .number()
  .nonnegative()
  .transform(atMost(2 ** 50));

/** In whatever the worker counts. A year of it is less. */
const cost = z.number().nonnegative().transform(atMost(1e9));

const ready = z.object({
  type: z.literal('ready'),
  protocol: z.literal(PROTOCOL),
  translator: z.string(),
  version: z.string(),
  device: z.string(),
  loadSeconds: seconds,
  memoryBytes: bytes.optional(),
});

const stage = z.object({ type: z.literal('stage'), id: z.string(), stage: z.string() });

const done = z.object({
  type: z.literal('done'),
  id: z.string(),
  outcome: z.enum(['translated', 'no-text', 'untranslated']),
  /** Null: no file is right. */
  output: z.null().optional(),
  seconds: seconds.optional(),
  stages: z.record(z.string(), seconds).optional(),
  peakMemoryBytes: bytes.optional(),
  /** What the page cost, as a service that is paid by request: `--max-cost` adds it up. */
  cost: cost.optional(),
  /** What the report shows with the page. */
  notes: z.array(z.string()).optional(),
});

const failed = z.object({
  type: z.literal('failed'),
  id: z.string(),
  /** `busy`: a service that the worker asks takes no requests now. */
  reason: z.enum(['oom', 'unreadable', 'error', 'busy']),
  message: z.string().optional(),
  /** How long that service asked to wait. */
  retryAfterSeconds: seconds.transform(atMost(LONGEST_RETRY_AFTER_SECONDS)).optional(),
  seconds: seconds.optional(),
});

export type ReadyMessage = Readonly<z.infer<typeof ready>>;
export type StageMessage = Readonly<z.infer<typeof stage>>;
export type DoneMessage = Readonly<z.infer<typeof done>>;
export type FailedMessage = Readonly<z.infer<typeof failed>>;
/** A line that a worker may say. */
type WorkerMessage = ReadyMessage | StageMessage | DoneMessage | FailedMessage;

/** What a line of a worker's stdout is. */
export type WorkerLine =
  | WorkerMessage
  /** No JSON object of a known type: somebody printed it. */
  | { readonly type: 'noise' }
  /** A known type with wrong fields. */
  | { readonly type: 'invalid'; readonly why: string }
  | { readonly type: 'other-protocol'; readonly protocol: number; readonly why: string };

const NOISE = { type: 'noise' } as const;
const SPACE_OR_BRACE = /^\s*\{/;
/** No program has more; the first ones count. */
const MOST_STAGES = 64;
/** Of a page; the first ones count. */
const MOST_NOTES = 10;

/**
 * Reads one line of a worker's stdout. Its texts are without secrets and have a length, but for a page's id,
 * which is what it is. Pure; costs a
 * few microseconds, as it is done for every page.
 */
export function parseWorkerLine(line: string, redact: Redact = (text) => text): WorkerLine {
  if (!SPACE_OR_BRACE.test(line)) return NOISE;
  let value: { type?: unknown; protocol?: unknown; translator?: unknown };
  try {
    value = JSON.parse(line);
  } catch {
    return NOISE;
  }
  switch (value.type) {
    case 'ready':
      return otherProtocol(value, redact) ?? checked(ready, value, redact);
    case 'stage':
      return checked(stage, value, redact);
    case 'done':
      return checked(done, value, redact);
    case 'failed':
      return checked(failed, value, redact);
    default:
      return NOISE;
  }
}

/** The line that hands a page over, with its newline. */
export function requestLine({ id, input, output, group, width, height }: PageRequest): string {
  return `${JSON.stringify({ type: 'page', id, input, output, group, width, height })}\n`;
}

/** Checked before the other fields: another protocol may have others. */
function otherProtocol(
  { protocol, translator }: { protocol?: unknown; translator?: unknown },
  redact: Redact,
): WorkerLine | undefined {
  if (typeof protocol !== 'number' || protocol === PROTOCOL) return undefined;
  const name = typeof translator === 'string' ? keptName(translator, redact) : 'the worker';
  const why = `${name} uses worker protocol ${protocol}, but this mgpu-translate uses protocol ${PROTOCOL}`;
  return { type: 'other-protocol', protocol, why };
}

function checked<T extends WorkerMessage>(
  schema: z.ZodType<T>,
  value: { type?: unknown },
  redact: Redact,
): WorkerLine {
  const { success, data, error } = schema.safeParse(value);
  if (success) return withKeptTexts(data, redact);
  const [issue] = error.issues;
  const field = keptName(issue?.path.join('.') ?? '', redact);
  const what = `a "${String(value.type)}" line with a wrong "${field}"`;
  return { type: 'invalid', why: `${what}: ${issue?.message ?? 'unknown'}` };
}

/** The one place where a worker's texts come in. */
function withKeptTexts(message: WorkerMessage, redact: Redact): WorkerMessage {
  switch (message.type) {
    case 'ready': {
      const { translator, version, device } = message;
      return {
        ...message,
        translator: keptName(translator, redact),
        version: keptName(version, redact),
        device: keptName(device, redact),
      };
    }
    case 'stage':
      return { ...message, stage: keptName(message.stage, redact) };
    case 'done': {
      const { stages, notes } = message;
      if (!stages && !notes) return message;
      const first = Object.entries(stages ?? {}).slice(0, MOST_STAGES);
      return {
        ...message,
        ...(stages && {
          stages: Object.fromEntries(first.map(([name, took]) => [keptName(name, redact), took])),
        }),
        ...(notes && { notes: keptNotes(notes, redact) }),
      };
    }
    case 'failed':
      return message.message === undefined
        ? message
        : { ...message, message: keptMessage(message.message, redact) };
  }
}

const keptNotes = (notes: readonly string[], redact: Redact): string[] =>
  notes
    .slice(0, MOST_NOTES)
    .map((note) => keptNote(note, redact))
    .filter((note) => note !== '');
