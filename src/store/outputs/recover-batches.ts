import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { unlessOutOfFiles } from '../../model/open-files.ts';
import type { Page, PageId, SourceStamp } from '../../model/page.ts';
import { parsedJson } from '../../model/parsed-json.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { readRegular } from '../../pages/open-regular.ts';
import { stemOf } from '../../pages/output-name.ts';
import { isContentOf } from '../../pages/same-content.ts';
import { asWholeAsSource } from '../../pages/verdict.ts';
import { copiesAreResults } from '../../workers/copies-first.ts';
import { type BatchNames, listFiles, OutputNames } from '../../workers/output-names.ts';
import { BatchFolder } from './batch-folder.ts';
import { namesIn } from './names-in.ts';
import type { MadeOutput } from './recorder.ts';

const batchHead = z.object({ v: z.literal(1), options: z.string() });
const batchLine = z.tuple([z.string(), z.number(), z.number()]);

/** A batch of 100,000 pages with paths of 1,000 bytes takes half of it. */
const LARGEST_RECORD_BYTES = 256 * 1024 * 1024;

/** Which outputs count. */
interface RecoverSetup {
  readonly todo: ReadonlyMap<PageId, Page>;
  readonly optionsHash: string;
  readonly names: BatchNames;
  readonly inspector: Pick<Inspector, 'verify'>;
}

/** A whole output that a killed run had not come to record. */
interface RecoveredOutput {
  readonly page: Page;
  readonly output: MadeOutput;
}

/**
 * Finds what a killed run left in its work folder: outputs of pages that are still to do, whole by their format's end,
 * made with the same options from a source that is still the same. Nothing is moved here.
 */
export async function findRecoverable(work: string, setup: RecoverSetup): Promise<RecoveredOutput[]> {
  const found = new Map<PageId, RecoveredOutput>();
  for (const slot of await namesIn(work)) {
    for (const batch of await namesIn(path.join(work, slot))) {
      for (const leftover of await leftInBatch(path.join(work, slot, batch), setup)) {
        found.set(leftover.page.id, leftover);
      }
    }
  }
  return [...found.values()];
}

async function leftInBatch(
  folder: string,
  { todo, optionsHash, names, inspector }: RecoverSetup,
): Promise<RecoveredOutput[]> {
  const { input, output, recordFile } = new BatchFolder(folder);
  const record = await readRecord(recordFile);
  if (record?.options !== optionsHash) return [];
  const pages = [...record.stamps.keys()].flatMap((id) => todo.get(id) ?? []);
  const outputNames = new OutputNames(pages, names);
  const left: Found[] = [];
  for (const outputs of [output, `${input}-translated`]) {
    const files = await listFiles(outputs);
    if (outputNames.areUnclear(files)) continue;
    for (const name of files) {
      const id = outputNames.pageOf(name);
      const page = id === undefined ? undefined : todo.get(id);
      const stamp = record.stamps.get(id ?? '');
      if (!page || !stamp) continue;
      const source = await stampOf(page);
      if (source?.bytes !== stamp.bytes || source.mtimeMs !== stamp.mtimeMs) continue;
      const file = path.join(outputs, name);
      const [look] = await inspector.verify([file]);
      const seen = look && 'whole' in look.verdict ? look.verdict : undefined;
      const equalsSource = seen?.bytes === stamp.bytes && (await isContentOf(page, file, stamp.bytes));
      const verdict = seen && equalsSource ? asWholeAsSource(seen) : seen;
      if (!verdict?.whole || !verdict.endChecked) continue;
      left.push({
        equalsSource,
        writtenMs: (await lstat(file)).ctimeMs,
        page,
        output: {
          path: file,
          name: `${stemOf(page.id)}${name.slice(stemOf(name).length)}`,
          bytes: verdict.bytes,
          ...(verdict.isLink && { isLink: true }),
        },
      });
    }
  }
  const copies = left.filter(({ equalsSource }) => equalsSource);
  const areResults = copiesAreResults({
    pages: pages.length,
    copies: copies.map(({ writtenMs }) => ({ writtenMs, namedMs: undefined })),
    translatedMs: left.flatMap(({ equalsSource, writtenMs }) => (equalsSource ? [] : [writtenMs])),
    wasRewritten: false,
    tellsFailure: true,
  });
  return left.filter(({ equalsSource }) => areResults || !equalsSource);
}

async function stampOf({ path: file, entry }: Page): Promise<SourceStamp | undefined> {
  if (entry) return entry;
  const found = await stat(file).catch(() => undefined);
  return found && { bytes: found.size, mtimeMs: found.mtimeMs };
}

interface Found extends RecoveredOutput {
  readonly equalsSource: boolean;
  readonly writtenMs: number;
}

interface BatchRecord extends z.infer<typeof batchHead> {
  readonly stamps: ReadonlyMap<PageId, SourceStamp>;
}

/** What is written down of a batch; undefined where that is nothing. A torn last line is the page that had not been linked yet. */
export async function readRecord(file: string): Promise<BatchRecord | undefined> {
  const text = await readRegular(file, { maxBytes: LARGEST_RECORD_BYTES }).catch(unlessOutOfFiles(''));
  const [first = '', ...rest] = text.split('\n');
  const head = batchHead.safeParse(parsedJson(first)).data;
  if (!head) return undefined;
  const stamps = new Map<PageId, SourceStamp>();
  for (const line of rest) {
    // An error for each torn or empty line of a broken disk would take seconds a megabyte.
    if (!line.startsWith('[') || !line.endsWith(']')) continue;
    const [page, bytes, mtimeMs] = batchLine.safeParse(parsedJson(line)).data ?? [];
    if (page !== undefined && bytes !== undefined && mtimeMs !== undefined)
      stamps.set(page, { bytes, mtimeMs });
  }
  return { ...head, stamps };
}
