import * as z from 'zod';

const count = z.number().int().nonnegative();
const listed = 'The first thousand';

const shard = z.object({
  slot: z.string(),
  gpu: count.nullable().describe('Its index; null is the CPU'),
  gpuName: z.string().optional(),
  pages: count.describe('Those that it will translate, without unreadable ones'),
  pixels: count.describe('Of the pages whose size can be read; archives are not opened for it'),
  seconds: z.number().nonnegative().optional().describe('Predicted from earlier runs, without loading'),
});

/** What `plan --json` prints. */
export const planSchema = z.object({
  v: z.literal(1),
  translator: z.object({
    name: z.string(),
    kind: z.string().describe('one-shot: starts for each batch; warm: stays loaded'),
  }),
  firstWorker: z
    .object({
      slot: z.string(),
      command: z.array(z.string()),
      cwd: z.string(),
      env: z.record(z.string(), z.string()).describe("Set over the launcher's own environment"),
    })
    .describe('What is started first; secrets are taken out'),
  input: z.object({ root: z.string() }),
  output: z.object({ folder: z.string(), exists: z.boolean(), work: z.string() }),
  strategy: z.object({
    name: z.string(),
    words: z.string(),
    auto: z.string().optional().describe('Why --strategy auto has chosen it; missing where it was named'),
    fixed: z
      .boolean()
      .describe('False: each slot takes the next pages when it is free, so the shards are predictions'),
  }),
  cluster: z
    .object({
      engine: z.string(),
      nodes: z.array(z.string()).describe('Each machine in words'),
      gpus: count.describe('That a run may hold'),
    })
    .optional()
    .describe('With --engine ray'),
  part: z.object({ index: count, of: count }).optional(),
  pages: z.object({
    found: count.describe("This machine's, but for those past --limit"),
    todo: count,
    skipped: count,
    unreadable: count,
    collisions: count,
    recovered: count.describe('Complete in the work folder of a killed run: recorded, not translated again'),
  }),
  todoBecause: z.record(z.string(), count).describe('Pages to do, by reason'),
  skippedBecause: z.object({
    done: count.describe('By the ledger'),
    adopted: count.describe('Complete files in the output that no ledger lists'),
    otherOptions: count.describe('Of those done: made with other options, and kept'),
    touchedUp: count.describe('Of those done: the output has another size, and is complete'),
  }),
  leftOut: z.object({
    filtered: count.describe('Images that --include and --exclude keep out'),
    hidden: count,
    ofSystem: z
      .record(z.string(), count)
      .describe('Folders that a NAS or a system keeps for itself, by name'),
    earlierOutputs: z
      .array(z.string())
      .describe("Folders with an earlier run's output, which are only read where they are named as inputs"),
    others: z.record(z.string(), count).describe('Files that are not images, by suffix'),
    deadLinks: z.array(z.string()),
  }),
  shards: z.array(shard),
  seconds: z.number().nonnegative().optional().describe('Until the last page is done, loading included'),
  withoutLoads: z
    .boolean()
    .optional()
    .describe('True: no load was ever measured, and `seconds` leaves them out'),
  pagesInTime: count.optional().describe('Pages that --max-time leaves time for'),
  measured: z
    .object({
      pages: count,
      byPixels: z.boolean(),
      otherOptions: z.boolean().describe('True: they were made with other options'),
    })
    .optional()
    .describe('What the seconds are predicted from'),
  unreadable: z.array(z.object({ page: z.string(), message: z.string() })).describe(listed),
  collisions: z.array(z.object({ page: z.string(), with: z.string() })).describe(listed),
  settings: z.array(z.string()).describe('The other options in words'),
  notices: z.array(z.object({ level: z.enum(['info', 'warn']), text: z.string() })),
});

export type RunPlan = z.infer<typeof planSchema>;
export type PlannedShard = z.infer<typeof shard>;
