import path from 'node:path';
import type { AttemptResult } from '../../dispatch/assignment.ts';
import type { Slot } from '../../model/slot.ts';
import { BatchFolder } from '../../store/outputs/batch-folder.ts';
import { applyDecision } from './apply-decision.ts';
import { BatchAtWork } from './batch-at-work.ts';
import type { OneShotContext } from './one-shot-context.ts';
import { returned } from './slot-context.ts';

/** Works on a slot with one child after another until there is nothing left for it. */
export async function runOneShotSlot(slot: Slot, run: OneShotContext): Promise<void> {
  const { dispatcher, fail, stop, removals } = run;
  for (let batch = 1; ; batch += 1) {
    const assignment = await dispatcher.next(slot);
    if (assignment?.by !== 'work') return;
    const folder = new BatchFolder(path.join(run.workRoot, slot.id, String(batch)));
    const result = await new BatchAtWork(assignment, folder, run).finish().catch((error): AttemptResult => {
      fail(error);
      return returned(dispatcher.openPagesOf(assignment));
    });
    const decision = dispatcher.settle(assignment, result);
    await applyDecision(run, slot, decision);
    // What could not be recorded stays: the next run gathers it.
    if (!stop.reasons.has('cannot-go-on') && !folder.isKept) track(removals, folder.remove());
  }
}

const track = (all: Set<Promise<void>>, one: Promise<void>): void => {
  all.add(one);
  void one.finally(() => all.delete(one));
};
