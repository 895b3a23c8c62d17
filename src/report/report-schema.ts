import * as z from 'zod';
import { countsSchema, gpuSummarySchema, outcomesSchema, runSummarySchema } from './summary-schema.ts';

const count = z.number().int().nonnegative();
const part = z.object({ index: count, of: count });

/** `finished` by itself; `going`: a lock is held; `killed`: neither; `missing`: a part that nobody began. */
const RUN_STATES = ['finished', 'going', 'killed', 'missing'] as const;

const holder = z.object({ host: z.string(), pid: count, since: z.string() });

const partReport = z.object({
  ...part.shape,
  state: z.enum(RUN_STATES),
  holder: holder.optional().describe('Who is at it'),
  summary: runSummarySchema.optional().describe('Of its last run; missing where nothing is left of it'),
});

/**
 * What `report --json` prints: the summary of the last run, or of the last run of each part together. `failures`,
 * `untranslated` and `unchanged` are those of the ledger: every page whose last outcome is such, whatever run it was.
 */
export const runReportSchema = runSummarySchema.extend({
  state: z.enum(RUN_STATES),
  holder: holder.optional(),
  gpus: z.array(gpuSummarySchema.extend({ part: count.optional() })),
  lastAtWork: z
    .object({
      run: z.string(),
      startedAt: z.string().optional().describe('ISO 8601'),
      seconds: z.number().nonnegative(),
      counts: countsSchema,
      exitCode: z.number().int().nullable(),
    })
    .optional()
    .describe('Where the last run had nothing to do: the last one before it that had'),
  ledger: z.object({
    pages: count.describe('Pages with an outcome, of all runs and parts'),
    outcomes: outcomesSchema,
    adopted: count.describe('Of these: files that were there before any ledger'),
    broken: count.describe('Lines that can not be read'),
  }),
  parts: z.array(partReport).optional().describe('Where the last run was one of several parts'),
  missingParts: z.array(count).optional(),
});

export type RunReport = z.infer<typeof runReportSchema>;
export type PartReport = z.infer<typeof partReport>;
