import type { RunOptions } from '../model/run-options.ts';
import { steadyNow } from '../model/steady-clock.ts';
import type { Stop } from '../model/stop.ts';
import { Inspector } from '../pages/inspector.ts';
import type { Folding } from '../pages/output-name.ts';
import type { ArchivePacker } from '../store/archives/archive-packer.ts';
import { removeDeadTemporaries } from '../store/archives/temporary-archive.ts';
import type { Ledgers, LedgerWriter } from '../store/ledger/ledger.ts';
import { FileMover } from '../store/outputs/file-mover.ts';
import { LinkMode } from '../store/outputs/link-mode.ts';
import { PageRecorder } from '../store/outputs/recorder.ts';
import { StandIns } from '../store/outputs/stand-ins.ts';
import { beginOverwriting } from '../store/resume/overwrite-marker.ts';
import { PageFinder } from '../store/resume/sort-pages.ts';
import { packedOutputs, packerOf } from './archives-of-run.ts';
import type { ResolvedRun } from './resolve-run.ts';
import type { RunEvents } from './run-events.ts';
import type { Spending } from './spending.ts';

/** What a run's pages are found, given to translators, moved and recorded with. */
interface StoreOfRun {
  readonly mover: FileMover;
  /** To be closed. */
  readonly inspector: Inspector;
  readonly links: LinkMode;
  readonly finder: PageFinder;
  /** Undefined where no archives are packed. */
  readonly packer: ArchivePacker | undefined;
  readonly recorder: PageRecorder;
}

/** What is known of the output folder, and who hears of what is done there. */
interface StoreSetup {
  readonly ledgers: Ledgers;
  readonly ledger: LedgerWriter;
  readonly folding: Folding;
  readonly events: Pick<RunEvents, 'emit' | 'notice' | 'gpuOf'>;
  readonly spending: Pick<Spending, 'takeOf'>;
  /** Ends the run: it can't go on. */
  readonly fail: (error: unknown) => void;
}

/** Prepares the store for a run's pages, and notes that `--overwrite all` begins. @throws Refusal where the disk is the trouble */
export async function storeOfRun(
  {
    resolved,
    options,
    stop,
  }: { readonly resolved: ResolvedRun; readonly options: RunOptions; readonly stop: Stop },
  { ledgers, ledger, folding, events, spending, fail }: StoreSetup,
): Promise<StoreOfRun> {
  const mover = new FileMover({
    outputRoot: resolved.folders.output,
    assertFree: (folder) => resolved.originals.assertFree(folder),
    tell: (text) => events.notice('warn', text),
  });
  const inspector = new Inspector();
  inspector.warmUp();
  const { translator } = resolved;
  const leavesAmongPages = translator.kind === 'one-shot' && translator.outputsAmongPages !== undefined;
  const links = new LinkMode({
    copies: options.link === 'copy' || leavesAmongPages,
    isKnown: translator.readsOnly === true,
  });
  const asked = { optionsHash: resolved.optionsHash, part: options.part };
  const overwriteSince =
    options.overwrite === 'all'
      ? await beginOverwriting(resolved.folders.state, { ...asked, now: new Date(steadyNow()) })
      : undefined;
  const packed = packedOutputs(resolved, options, ledgers);
  const finder = new PageFinder(resolved, options, {
    ledgers,
    folding,
    inspector,
    packed,
    overwriteSince,
    stop: stop.drain,
  });
  await removeDeadTemporaries(resolved.folders.output, options.part);
  const packer = packerOf(resolved, packed, options, {
    options,
    lineOf: (page) => finder.lastLineOf(page),
    ledger,
    lines: ledgers.archives,
    mover,
    emit: events.emit,
    fail,
    kill: stop.kill,
  });
  const recorder = new PageRecorder({
    outputRoot: resolved.folders.output,
    ledger,
    emit: events.emit,
    gpuOf: events.gpuOf,
    optionsHash: resolved.optionsHash,
    mover,
    inspector,
    claims: finder.claims,
    folding,
    ...(packer && { recorded: packer.ended }),
    costOf: spending.takeOf,
    standIns: new StandIns({
      outputRoot: resolved.folders.output,
      onFailed: options.onFailed,
      lastLineOf: (page) => finder.lastLineOf(page),
      standingOf: finder.standingOf,
    }),
  });
  return { mover, inspector, links, finder, packer, recorder };
}
