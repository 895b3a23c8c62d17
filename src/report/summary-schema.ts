import * as z from 'zod';
import { FAILURE_REASONS } from '../model/outcome.ts';
import type { RunSummary } from './run-summary.ts';

export type { GpuSummary, NodeSummary, RunSummary, TroubledPage } from './run-summary.ts';

const count = z.number().int().nonnegative();
const seconds = z.number().nonnegative();

/** Pages by outcome. */
export const outcomesSchema = z.object({
  translated: count,
  'no-text': count,
  untranslated: count,
  failed: count,
});

/** What became of all pages of a run. */
export const countsSchema = outcomesSchema.extend({ skipped: count, left: count });

const troubledPage = z.object({
  page: z.string(),
  message: z.string().optional(),
  attempts: count.describe('Tries on a GPU; 0 where no child was started for it'),
  slot: z.string().optional().describe('Where its last try ran'),
  log: z
    .string()
    .optional()
    .describe(
      'What its worker wrote: a file, relative to the output folder; missing where another run has it',
    ),
});

export const gpuSummarySchema = z.object({
  gpu: count.nullable().describe('Its index; null is the CPU'),
  name: z.string().optional(),
  node: z.string().optional().describe('The machine that it is in, on a cluster'),
  pages: count,
  outcomes: outcomesSchema,
  secondsPerPage: seconds.nullable().describe('Mean of the pages that were timed; null where none was'),
  busySeconds: seconds.describe('Time in which at least one worker loaded or was on a page'),
  busyShare: z.number().min(0).max(1).describe("Of the run's time since its first slot came"),
  loads: count.describe('Workers started, each of which loaded the models'),
  secondsPerLoad: seconds.nullable(),
  exits: z.record(z.string(), count).describe('Workers by exit code or signal'),
});

const folderSummary = z.object({
  folder: z.string().describe('Relative to the input root, which is `.` itself'),
  pages: count,
  done: count.describe('With a good outcome, in this run or before'),
  untranslated: count,
  failed: count,
  left: count,
  complete: z.boolean().describe('All of its pages are done, and it has no others'),
});

/** What a run did, as `run` ends with it and `report --json` prints it. Every number in seconds has three decimals at most. */
export const runSummarySchema = z.object({
  v: z.literal(1),
  run: z.string(),
  finished: z.boolean().describe('False for a run that is still going or was killed'),
  strategy: z.string(),
  translator: z.string(),
  startedAt: z.string().optional().describe('ISO 8601'),
  seconds,
  counts: countsSchema,
  folders: z
    .array(folderSummary)
    .optional()
    .describe('The first thousand; where there are more, those that are not complete come before the others'),
  later: count.optional().describe('Pages that --limit left to be done later, where they were counted'),
  folderTotals: z
    .object({
      folders: count,
      complete: count,
      mayHaveMore: z.boolean().optional().describe('The run ended before all of the input was read'),
    })
    .optional(),
  retries: count,
  pagesPerMinute: z.number().nonnegative(),
  secondsLeft: seconds.optional().describe('Of a run that is not finished, at its rate so far'),
  exitCode: z.number().int().nullable().describe('Null while the run is not finished'),
  message: z
    .string()
    .optional()
    .describe('Why the run could not continue; its last line is what to do, where that is known'),
  hint: z.string().optional().describe('What to do, by itself'),
  gpus: z.array(gpuSummarySchema),
  nodes: z
    .array(
      z.object({
        node: z.string(),
        address: z.string(),
        host: z.string(),
        gpus: count.describe('GPUs that it has, held or not'),
        left: z.string().optional().describe('Why it is gone; missing: it stayed'),
      }),
    )
    .optional()
    .describe('The machines, on a cluster'),
  failures: z.array(
    z.object({
      reason: z.enum(FAILURE_REASONS),
      count,
      pages: z.array(troubledPage).describe('The first thousand'),
    }),
  ),
  untranslated: z.object({ count, pages: z.array(troubledPage).describe('The first thousand') }),
  unchanged: count.describe('Outputs that equal their source byte for byte'),
  notes: z
    .object({
      count: count.describe('Pages with notes'),
      pages: z
        .array(z.object({ page: z.string(), notes: z.array(z.string()) }))
        .describe('The first thousand, or as many as are 200,000 characters'),
    })
    .optional()
    .describe('What workers noted on pages, where they did'),
  recovered: count
    .optional()
    .describe('Pages that an earlier run had made, and was killed before it recorded them'),
  originalsInPlace: count
    .optional()
    .describe('Failed pages with their original in their place (--on-failed copy)'),
  input: z
    .object({
      stagedPages: count.describe('Pages whose worker had a copy that was made ahead'),
      waitSeconds: seconds
        .optional()
        .describe(
          'How long workers had nothing to do because a page was still being read; of a script nobody knows',
        ),
    })
    .optional(),
  packing: z
    .array(
      z.object({
        gpu: count.nullable(),
        workers: count,
        times: z.number().nonnegative().optional().describe('How fast they are together, compared with one'),
        why: z.string().describe('Why there are no more, or why the last one stayed'),
      }),
    )
    .optional()
    .describe('How many workers share each device, as --workers-per-gpu auto found it'),
  benched: z.array(z.object({ gpu: count.nullable(), reason: z.string() })),
  retired: z
    .array(z.object({ slot: z.string(), gpu: count.nullable(), why: z.string() }))
    .optional()
    .describe('Slots that take no more pages, where there are some; without those that packing tried'),
  paths: z.object({ output: z.string(), logs: z.string(), ledger: z.string() }).optional(),
  html: z.string().optional().describe('The HTML report of the run: a file'),
  htmlTrouble: z.string().optional().describe('Why there is no HTML report, where one was wanted'),
  continueCommand: z.string().optional().describe('The command that resumes the run'),
  cost: z.number().nonnegative().optional().describe('What workers said that pages cost, all together'),
  forecastSeconds: seconds
    .optional()
    .describe('What the run was expected to take in all, when that was first known'),
  rest: z
    .object({ pages: count, seconds })
    .optional()
    .describe('After a sample (--sample): the other pages to do, and how long they will take'),
  saving: z
    .object({ strategy: z.string(), seconds })
    .optional()
    .describe('What another strategy would have saved'),
}) satisfies z.ZodType<RunSummary>;
