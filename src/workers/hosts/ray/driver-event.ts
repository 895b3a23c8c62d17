import * as z from 'zod';

const name = z.string().max(1000);
const words = z.string().transform((text) => text.slice(0, 2000));
/** Without the details that Ray adds, which are many lines. */
const brief = words.transform((text) =>
  text.length > 120 ? (/^.{20,200}?(?=: |[.](?: |$))/.exec(text)?.[0] ?? text.slice(0, 200)) : text,
);
const count = z.int().nonnegative().max(1e6);
const bytes = z
  .number()
  .nonnegative()
  .transform((value) => Math.min(value, 2 ** 50))
  .nullish();

const node = z.object({
  node: name,
  address: name,
  name: name.catch(''),
  head: z.boolean().catch(false),
  gpus: count,
  gpusFree: count.nullish(),
  cores: count.catch(0),
  kind: z.enum(['nvidia', 'amd']).nullish().catch(null),
});

/** A machine of the cluster, as the driver tells of it. */
export type DriverNode = Readonly<z.infer<typeof node>>;

const REFUSALS = ['no-ray', 'no-cluster', 'no-node', 'version', 'no-gpu', 'client', 'failed'] as const;

const reserved = z.object({
  type: z.literal('reserved'),
  gpu: name,
  node: name,
  device: name,
  cores: count,
  memoryBytes: bytes,
  constrainedMemoryBytes: bytes,
  gpuName: name.nullish(),
  gpuMemoryBytes: bytes,
});

/** A GPU that is held. */
export type ReservedGpu = Readonly<z.infer<typeof reserved>>;

const event = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    v: z.literal(1),
    ray: name,
    python: name,
    address: name,
    /** The node that the driver is on. */
    own: name.optional(),
    nodes: z.array(node).max(10_000),
  }),
  z.object({ type: z.literal('refused'), kind: z.enum(REFUSALS).catch('failed'), message: words }),
  reserved,
  z.object({ type: z.literal('unplaced'), gpu: name, message: words }),
  z.object({ type: z.literal('started'), slot: name, pid: z.int().positive() }),
  z.object({ type: z.literal('not-started'), slot: name, message: words }),
  z.object({ type: z.literal('lines'), slot: name, out: z.array(z.string()), err: z.array(z.string()) }),
  z.object({ type: z.literal('output-failed'), slot: name, id: name, message: words, errno: name.nullish() }),
  z.object({
    type: z.literal('file-failed'),
    slot: name,
    id: name,
    where: z.enum(['launcher', 'node']),
    message: words,
    errno: name.nullish(),
  }),
  z.object({
    type: z.literal('exit'),
    slot: name,
    by: z.enum(['exit', 'signal']),
    code: z.int().optional(),
    signal: name.optional(),
  }),
  z.object({
    type: z.literal('lost'),
    gpu: name,
    /** `lease`: its holder ended as the driver was not heard for as long as that says. */
    why: z.enum(['actor', 'node', 'lease']),
    message: brief,
  }),
  z.object({
    type: z.literal('nodes'),
    joined: z.array(node).max(10_000),
    left: z.array(name).max(10_000),
  }),
  z.object({
    type: z.literal('memory'),
    slot: name,
    seq: count,
    bytes,
    peakBytes: bytes,
    deviceBytes: bytes,
  }),
  z.object({
    type: z.literal('sampled'),
    seq: count,
    gpus: z.array(
      z.object({
        gpu: name,
        utilization: z.number().min(0).max(100).nullish(),
        usedBytes: bytes,
        totalBytes: bytes,
      }),
    ),
  }),
  z.object({ type: z.literal('warning'), message: words }),
]);

/** What the driver says. */
export type DriverEvent = Readonly<z.infer<typeof event>>;
/** One kind of it. */
export type DriverSaid<Type extends DriverEvent['type']> = Extract<DriverEvent, { type: Type }>;

/** Reads a line of the driver; undefined for one that is no event, or of a kind that is not known. */
export function parseDriverLine(line: string): DriverEvent | undefined {
  try {
    return event.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
