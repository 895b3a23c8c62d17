import path from 'node:path';
import { errorMessage } from '../../model/error-code.ts';
import type { Emit } from '../../model/events.ts';
import { Refusal } from '../../model/refusal.ts';
import { mapLimited } from '../../pages/map-limited.ts';
import type { LedgerWriter } from '../ledger/ledger.ts';
import type { FileMover } from '../outputs/file-mover.ts';
import type { BroughtOutput } from '../resume/page-sorter.ts';

/** Who brings outputs, and who hears of it. */
interface BringSetup {
  readonly outputRoot: string;
  readonly mover: Pick<FileMover, 'move' | 'copy'>;
  readonly ledger: Pick<LedgerWriter, 'append'>;
  readonly emit: Emit;
}

const AT_ONCE = 8;

/**
 * Brings outputs of earlier runs to where this run has them, and writes that down: what waited to be packed is moved, what is in a
 * packed archive is unpacked. One that can't be brought is told, and stays where it is.
 * @throws Refusal where the disk is the trouble
 */
export async function bringOutputs(
  brought: readonly BroughtOutput[],
  { outputRoot, mover, ledger, emit }: BringSetup,
): Promise<void> {
  await mapLimited(brought, AT_ONCE, async ({ page, from, to, line }) => {
    const target = path.join(outputRoot, to);
    try {
      if (typeof from === 'string') await mover.move(path.join(outputRoot, from), target, page.id);
      else await mover.copy(from, target, page.id);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const text = `${to} could not be made of what an earlier run packed: ${errorMessage(error)}.`;
      emit({ type: 'notice', level: 'warn', text });
      return;
    }
    if (line) await ledger.append(line);
  });
}
