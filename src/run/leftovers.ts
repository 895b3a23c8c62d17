import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Page, PageId } from '../pages/page.ts';
import { verifyImage } from '../pages/verify.ts';
import { listFiles, OutputNames } from '../workers/batch-outputs.ts';
import { BatchFolder, type BatchRecord } from './batch-folder.ts';
import type { MadeOutput } from './recorder.ts';

const batchRecord: z.ZodType<BatchRecord> = z.object({
  v: z.literal(1),
  options: z.string(),
  format: z.string().exactOptional(),
  pages: z.record(z.string(), z.tuple([z.number(), z.number()])),
});

/** A whole output that a killed run had not come to record. */
export interface Leftover {
  readonly page: Page;
  readonly output: MadeOutput;
  readonly stamp: { readonly bytes: number; readonly mtimeMs: number };
}

/**
 * Finds what a killed run left in its work folder: outputs of pages that are still to do, whole by their format's end,
 * made with the same options from a source that is still the same. Nothing is moved here.
 */
export async function findLeftovers(
  work: string,
  { todo, optionsHash }: { todo: ReadonlyMap<PageId, Page>; optionsHash: string },
): Promise<Leftover[]> {
  const found = new Map<PageId, Leftover>();
  for (const slot of await namesIn(work)) {
    for (const batch of await namesIn(path.join(work, slot))) {
      for (const leftover of await leftInBatch(path.join(work, slot, batch), todo, optionsHash)) {
        found.set(leftover.page.id, leftover);
      }
    }
  }
  return [...found.values()];
}

async function leftInBatch(
  folder: string,
  todo: ReadonlyMap<PageId, Page>,
  optionsHash: string,
): Promise<Leftover[]> {
  const record = await readRecord(path.join(folder, 'batch.json'));
  if (record?.options !== optionsHash) return [];
  const pages = Object.keys(record.pages).flatMap((id) => todo.get(id) ?? []);
  const names = new OutputNames(pages, record.format);
  const { input, output } = new BatchFolder(folder);
  const left: Leftover[] = [];
  for (const outputs of [output, `${input}-translated`]) {
    for (const name of await listFiles(outputs)) {
      const id = names.pageOf(name);
      const page = id === undefined ? undefined : todo.get(id);
      const [bytes, mtimeMs] = record.pages[id ?? ''] ?? [];
      if (!page || bytes === undefined || mtimeMs === undefined) continue;
      const source = await stat(page.path).catch(() => undefined);
      if (source?.size !== bytes || source.mtimeMs !== mtimeMs) continue;
      const file = path.join(outputs, name);
      const verdict = await verifyImage(file).catch(() => undefined);
      if (!verdict?.whole || !verdict.endChecked) continue;
      left.push({ page, output: { path: file, name, bytes: verdict.bytes }, stamp: { bytes, mtimeMs } });
    }
  }
  return left;
}

async function readRecord(file: string): Promise<BatchRecord | undefined> {
  try {
    return batchRecord.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
