import type { PageId, SourceStamp } from '../../model/page.ts';
import type { PackedOutputs } from '../archives/packed-outputs.ts';
import type { LedgerLines } from '../ledger/lines-by-form.ts';
import type { ExistingOutputSetup } from './existing-output.ts';

/** How this run tells the pages to do from those that are done. */
export interface ResumeSetup extends ExistingOutputSetup {
  readonly ledger: LedgerLines;
  readonly optionsByHash: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** False where the output folder was made by this run: nothing is looked at then. */
  readonly outputExisted: boolean;
  readonly overwrite?: 'all' | 'changed' | undefined;
  /** ISO time since when `--overwrite all` has been going on. */
  readonly overwriteSince?: string | undefined;
  /** Whose output a path is, by the ledger: what is another page's is not taken for this one's. */
  readonly ownerOf?: (outputPath: string) => PageId | undefined;
  /** Aborted when no more pages are to be sorted out. */
  readonly stop?: AbortSignal | undefined;
  readonly optionsHash: string;
  /** The options behind `optionsHash`, redacted. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether an image is whole, by its format. */
  readonly isWhole: (path: string) => Promise<boolean>;
  /** In the order of the paths; null where there is no such file. */
  readonly stampsOf?: (paths: readonly string[]) => Promise<readonly (SourceStamp | null)[]>;
  readonly crcOf?: (path: string, expectedBytes: number) => Promise<number>;
  /** Outputs that are in packed archives alone; missing: there are none. */
  readonly packed?: Pick<PackedOutputs, 'entryOf' | 'standingOf' | 'movedTo'> | undefined;
  readonly now?: () => Date;
}
