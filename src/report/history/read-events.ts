import * as z from 'zod';
import type { RunEvent } from '../../model/events.ts';
import { FAILURE_REASONS, OUTCOMES } from '../../model/outcome.ts';
import { cannotRun } from '../../model/refusal.ts';
import { NotRegular, openRegular } from '../../pages/open-regular.ts';
import { countsSchema } from '../summary-schema.ts';
import { isUsualEvent } from './usual-event.ts';

const count = z.number().int().nonnegative();
const amount = z.number().nonnegative();
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const gpu = z.number().nullable();

const slotDevice = z.looseObject({ slot: z.string(), gpu });

/** The events that a report is made of, with the fields that it looks at; others are passed over. */
const reportedEvent = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('run-started'),
    time,
    run: z.string(),
    gpus: z.array(z.looseObject({ index: z.number(), name: z.string().optional() })),
    slots: z.array(z.string()),
    slotDevices: z.array(slotDevice).optional(),
    inputRoot: z.string().optional().catch(undefined),
    machine: z
      .object({ host: z.string(), cpus: count, memoryBytes: amount, node: z.string() })
      .optional()
      .catch(undefined),
    options: z.record(z.string(), z.unknown()).catch({}),
    strategy: z.string(),
    translator: z.string(),
  }),
  z.looseObject({
    type: z.literal('folders-found'),
    time,
    folders: z.array(z.looseObject({ folder: z.string(), pages: count, skipped: count })),
    anyOrder: z.literal(true).optional(),
  }),
  z.looseObject({
    type: z.literal('pages-found'),
    time,
    pages: count,
    skipped: count,
    more: z.literal(true).optional(),
    later: count.optional(),
  }),
  z.looseObject({ type: z.literal('worker-started'), time, slot: z.string(), gpu }),
  z.looseObject({ type: z.literal('worker-ready'), time, slot: z.string(), loadSeconds: amount.catch(0) }),
  z.looseObject({
    type: z.literal('worker-exited'),
    time,
    slot: z.string(),
    exitCode: z.number().nullable(),
    signal: z.string().nullable(),
    pages: count,
    why: z.string().optional().catch(undefined),
  }),
  slotDevice.extend({ type: z.literal('slot-joined'), time, why: z.string() }),
  z.looseObject({
    type: z.literal('slot-retired'),
    time,
    slot: z.string(),
    why: z.string(),
    by: z.literal('packing').optional().catch(undefined),
  }),
  z.looseObject({
    type: z.literal('packing-changed'),
    time,
    gpu,
    workers: count,
    why: z.string(),
    times: amount.optional().catch(undefined),
  }),
  z.looseObject({ type: z.literal('service-waiting'), time, seconds: amount, message: z.string() }),
  z.looseObject({
    type: z.literal('forecast'),
    time,
    secondsLeft: amount,
    pagesLeft: count,
    by: z.enum(['earlier-runs', 'this-run', 'rest']),
  }),
  z.looseObject({ type: z.literal('gpu-benched'), time, gpu, reason: z.string() }),
  z.looseObject({ type: z.literal('page-started'), time, page: z.string(), slot: z.string() }),
  z.looseObject({
    type: z.literal('page-retried'),
    time,
    page: z.string(),
    slot: z.string(),
    message: z.string().catch(''),
  }),
  z.looseObject({
    type: z.literal('page-finished'),
    time,
    page: z.string(),
    slot: z.string().optional(),
    attempt: count,
    outcome: z.enum(OUTCOMES),
    reason: z.enum(FAILURE_REASONS).optional(),
    message: z.string().optional(),
    seconds: amount.optional().catch(undefined),
    cost: amount.optional().catch(undefined),
    output: z.string().optional(),
    unchanged: z.literal(true).optional(),
    recovered: z.literal(true).optional().catch(undefined),
    waitSeconds: amount.optional().catch(undefined),
    staged: z.literal(true).optional().catch(undefined),
    notes: z.array(z.string()).optional().catch(undefined),
    originalInPlace: z.literal(true).optional().catch(undefined),
  }),
  z.looseObject({
    type: z.literal('gpu-sampled'),
    time,
    gpu: z.number(),
    utilisation: amount,
    memoryUsedBytes: amount,
  }),
  z.looseObject({ type: z.literal('notice'), time, level: z.enum(['info', 'warn']), text: z.string() }),
  z.looseObject({ type: z.enum(['pages-to-do', 'pages-left']), time, pages: z.array(z.string()) }),
  z.looseObject({
    type: z.literal('run-finished'),
    time,
    counts: countsSchema,
    cost: amount.optional().catch(undefined),
    seconds: amount.catch(0),
    exitCode: z.number().int(),
    message: z.string().optional(),
    hint: z.string().optional(),
  }),
]);

/** No event comes near it; what is longer is the rubbish of a broken disk. */
const LONGEST_LINE_CHARACTERS = 4 * 1024 * 1024;

/**
 * Gives the events of an `events.ndjson` that say how a run went, in order. Torn lines (the run was killed while it wrote)
 * and lines of other kinds are passed over; a file that isn't there has none. Throws a Refusal where it is no regular file.
 */
export async function* readEvents(file: string): AsyncGenerator<RunEvent[]> {
  for await (const lines of readLines(file)) yield lines.flatMap((line) => eventIn(line) ?? []);
}

/** Gives the lines of an `events.ndjson`, some at a time, the last one also where it is torn. Otherwise as `readEvents`. */
export async function* readLines(file: string): AsyncGenerator<string[]> {
  let rest = '';
  try {
    const stream = (await openRegular(file)).createReadStream({
      encoding: 'utf8',
      highWaterMark: 256 * 1024,
    });
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE_CHARACTERS) rest = '';
      yield lines;
    }
  } catch (error) {
    if (error instanceof NotRegular) throw cannotRun(`${file} can't be read: ${error.message}`, 'Remove it.');
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  yield [rest];
}

/** What a line tells; undefined where it is torn, or of another kind. */
export function eventIn(line: string): RunEvent | undefined {
  // An error for each torn or empty line of a broken disk would take seconds a megabyte.
  if (!line.startsWith('{') || !line.endsWith('}')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    // What a report doesn't look at is as the writer had it.
    return (isUsualEvent(value) ? value : reportedEvent.safeParse(value).data) as RunEvent | undefined;
  } catch {
    return undefined;
  }
}
