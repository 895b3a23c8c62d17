import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Page, PageId, SourceStamp } from '../../model/page.ts';
import type { Inspector } from '../../pages/inspector.ts';
import { stemOf } from '../../pages/output-name.ts';
import { isContentOf } from '../../pages/same-content.ts';
import { asWholeAsSource } from '../../pages/verdict.ts';
import { copiesAreResults } from '../../workers/copies-first.ts';
import { type BatchNames, OutputNames } from '../../workers/output-names.ts';
import { BatchFolder } from './batch-folder.ts';
import { readRecord } from './batch-record.ts';
import { filesIn, type Leaver, leftPlaces } from './left-outputs.ts';
import { namesIn } from './names-in.ts';
import type { MadeOutput } from './recorder.ts';

/** Which outputs count. */
export interface RecoverSetup {
  readonly todo: ReadonlyMap<PageId, Page>;
  readonly optionsHash: string;
  /** How outputs are named and where they are, but for what a batch's own record says. */
  readonly names: Omit<BatchNames, 'nameInBatch'>;
  readonly leaver: Leaver;
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
  { todo, optionsHash, names, leaver, inspector }: RecoverSetup,
): Promise<RecoveredOutput[]> {
  const batch = new BatchFolder(folder);
  const record = await readRecord(batch.recordFile);
  if (record?.options !== optionsHash) return [];
  const pages = [...record.stamps.keys()].flatMap((id) => todo.get(id) ?? []);
  const leftBatch = { batch, record, pages, leaver };
  const left: Found[] = [];
  for (const place of leftPlaces(leftBatch)) {
    const outputNames = new OutputNames(place.pages, { ...names, nameInBatch: place.nameOf });
    const files = await filesIn(place, leftBatch);
    if (outputNames.areUnclear(files)) continue;
    for (const name of files) {
      const id = outputNames.pageOf(name);
      const page = id === undefined ? undefined : todo.get(id);
      const stamp = record.stamps.get(id ?? '');
      if (!page || !stamp) continue;
      const source = await stampOf(page);
      if (source?.bytes !== stamp.bytes || source.mtimeMs !== stamp.mtimeMs) continue;
      const file = path.join(place.folder, name);
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
