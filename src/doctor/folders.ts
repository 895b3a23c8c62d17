import { Refusal } from '../model/refusal.ts';
import { type ResolvedInputs, resolveInputs } from '../pages/inputs.ts';
import type { ArchiveReading } from '../pages/sources/pages-of-archive.ts';
import { archiveReading } from '../run/archives-of-run.ts';
import { readLedgers } from '../store/ledger/ledger.ts';
import { keepApart } from '../store/outputs/keep-apart.ts';
import type { Originals } from '../store/outputs/originals.ts';
import { type RunFolders, runFolders } from '../store/outputs/run-folders.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, trouble, unchecked } from './finding.ts';

/** What a run would read, and what it would keep apart from that. */
export interface ReadFolders {
  readonly inputs: ResolvedInputs;
  readonly folders: RunFolders;
  readonly originals: Originals;
  /** Undefined where archives are left out. */
  readonly archives: ArchiveReading | undefined;
}

/** Where a run would read and write, as far as that was said. */
interface Folders {
  readonly input?: ReadFolders;
  readonly output?: RunFolders;
  readonly findings: readonly Finding[];
}

/** Finds input and output; what was not named is not looked at. */
export async function findFolders({ options, cwd, stdin }: DoctorContext): Promise<Folders> {
  const { output, work } = options;
  const named = options.inputs.length > 0 || options.filesFrom !== undefined;
  try {
    const inputs = named ? await resolveInputs({ ...options, cwd, stdin }) : undefined;
    if (inputs === undefined && output === undefined) {
      const findings = [unchecked('disks', 'no input was given', 'mgpu-translate doctor INPUT')];
      return { findings };
    }
    const folders = await runFolders({
      inputs: options.inputs,
      output,
      singleFolder: inputs?.singleFolder,
      singleArchive: options.archives === 'off' ? undefined : inputs?.singleArchive,
      root: inputs?.root ?? '',
      work,
      run: 'doctor',
      cwd,
    });
    if (inputs === undefined) return { output: folders, findings: [] };
    const originals = await keepApart(inputs, folders);
    const archives = archiveReading({ folders, optionsHash: '' }, options, () => readLedgers(folders.state));
    return { input: { inputs, folders, originals, archives }, output: folders, findings: [] };
  } catch (error) {
    if (error instanceof Refusal) return { findings: [trouble('input, output', error.message, error.hint)] };
    throw error;
  }
}
