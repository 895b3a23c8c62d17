import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { LONGEST_NAME } from '../../model/kept-text.ts';
import { parsedJson } from '../../model/parsed-json.ts';
import { openRegular, readBounded } from '../../pages/open-regular.ts';
import type { CostPoint } from '../../schedule/cost-line.ts';
import type { KnownCosts } from '../../schedule/costs.ts';
import { cacheFolder } from './cache-folder.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = 'costs.json';
const LARGEST_BYTES = 4 * 1024 * 1024;
/** Of each quantity: more would tell the same. */
const KEPT_POINTS = 64;
const KEPT_LOADS = 8;
const KEPT_MODELS = 16;
/** Those that were used last. */
const KEPT_PROGRAMS = 32;
const DIGITS = 5;
const OTHERS_WRITE = 0o022;

const amount = z
  .number()
  .nonnegative()
  .max(2 ** 50);
/** A year: what is longer is wrong. */
const seconds = amount.max(366 * 24 * 3600);
const pointsOf = (value: typeof amount) => z.array(z.tuple([amount.nullable(), value])).max(KEPT_POINTS);
const deviceCosts = z.object({
  seconds: pointsOf(seconds),
  bytes: pointsOf(amount),
  loads: z.array(seconds).max(KEPT_LOADS),
});
const program = z.object({
  usedAt: z.number().nonnegative(),
  devices: z
    .record(z.string().max(LONGEST_NAME), deviceCosts)
    .refine((devices) => Object.keys(devices).length <= KEPT_MODELS),
});
const costsFile = z.object({ v: z.literal(1), programs: z.record(z.string().max(LONGEST_NAME), program) });
type CostsFile = z.infer<typeof costsFile>;

/**
 * What runs of this user have shown before: by a program with its options (`key`), the costs of pages on each kind of device.
 * Undefined where nothing is known, or the file may be somebody else's. Never throws.
 */
export async function readCosts(env: Environment, key: string): Promise<KnownCosts | undefined> {
  const folder = await cacheFolder(env, { make: false }).catch(() => undefined);
  const found = folder && (await contentOf(path.join(folder, NAME))).programs[key];
  if (!found) return undefined;
  const asPoints = (some: readonly (readonly [number | null, number])[]): CostPoint[] =>
    some.map(([megapixels, value]) => ({ megapixels: megapixels ?? undefined, value }));
  return new Map(
    Object.entries(found.devices).map(([model, { seconds, bytes, loads }]) => [
      model,
      { seconds: asPoints(seconds), bytes: asPoints(bytes), loads },
    ]),
  );
}

/** Keeps what is known by now for later runs; the whole file or nothing of it is written. Never throws: it can be learned again. */
export async function keepCosts(env: Environment, key: string, costs: KnownCosts): Promise<void> {
  try {
    const folder = await cacheFolder(env, { make: true });
    if (folder === undefined) return;
    const file = path.join(folder, NAME);
    const { programs } = await contentOf(file);
    const others = Object.entries(programs).filter(([name]) => name !== key);
    const kept = others.sort(([, a], [, b]) => b.usedAt - a.usedAt).slice(0, KEPT_PROGRAMS - 1);
    const content: CostsFile = {
      v: 1,
      programs: { ...Object.fromEntries(kept), [key]: { usedAt: Date.now(), devices: devicesOf(costs) } },
    };
    await replace(file, `${JSON.stringify(content)}\n`);
  } catch {
    // A home that is read-only or full: the next run learns by itself.
  }
}

function devicesOf(costs: KnownCosts): CostsFile['programs'][string]['devices'] {
  const most = [...costs].sort(([, a], [, b]) => b.seconds.length - a.seconds.length).slice(0, KEPT_MODELS);
  return Object.fromEntries(
    most.map(([model, { seconds, bytes, loads }]) => [
      model.slice(0, LONGEST_NAME),
      { seconds: kept(seconds), bytes: kept(bytes), loads: loads.slice(-KEPT_LOADS).map(shortened) },
    ]),
  );
}

/** Evenly from all of them. */
function kept(all: readonly CostPoint[]): [number | null, number][] {
  const step = Math.max(1, all.length / KEPT_POINTS);
  return Array.from({ length: Math.min(all.length, KEPT_POINTS) }, (_, at) => Math.floor(at * step))
    .flatMap((at) => all[at] ?? [])
    .map(({ megapixels, value }) => [
      megapixels === undefined ? null : shortened(megapixels),
      shortened(value),
    ]);
}

const shortened = (value: number): number => Number(value.toPrecision(DIGITS));

/** What the file says; nothing where it isn't there, is garbage, or others could have written it. */
async function contentOf(file: string): Promise<CostsFile> {
  const nothing: CostsFile = { v: 1, programs: {} };
  const text = await ownText(file).catch(() => undefined);
  return (text === undefined ? undefined : costsFile.safeParse(parsedJson(text)).data) ?? nothing;
}

async function ownText(file: string): Promise<string | undefined> {
  const opened = await openRegular(file);
  try {
    const { uid, mode } = await opened.stat();
    const isOwn = uid === process.geteuid?.() && (mode & OTHERS_WRITE) === 0;
    return isOwn ? await readBounded(opened, LARGEST_BYTES) : undefined;
  } finally {
    await opened.close();
  }
}

async function replace(file: string, text: string): Promise<void> {
  const made = `${file}.${randomBytes(6).toString('hex')}`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
  try {
    const opened = await openRegular(made, { flags, mode: 0o600 });
    await opened.writeFile(text).finally(() => opened.close());
    await rename(made, file);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
}
