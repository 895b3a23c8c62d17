import { cannotRun } from '../model/refusal.ts';
import { WorkFolder } from '../store/outputs/work-folder.ts';
import { runOneShots } from './run-one-shots.ts';
import { runWarm } from './run-warm.ts';
import type { SlotsAtWork } from './slots-at-work.ts';

/** Does all pages that are to do, on all slots. Settles when the last worker is gone and nothing is left in the work folder. */
export async function runSlots(work: SlotsAtWork): Promise<void> {
  const { resolved, options, stop, emit, fail, heartbeatMs } = work;
  const { translator, folders, run } = resolved;
  const folder = await WorkFolder.open(folders, {
    run,
    part: options.part,
    onLost: () =>
      fail(
        cannotRun(
          `the work folder ${folders.work} was removed or replaced by another program`,
          'run the same command to resume',
        ),
      ),
    touchEveryMs: heartbeatMs,
  });
  if (folder.warning !== undefined) emit({ type: 'notice', level: 'warn', text: folder.warning });
  for (const one of folder.withOriginals) {
    const text = `${one} may hold originals that a script moved there in an earlier run: move them back, then remove it.`;
    emit({ type: 'notice', level: 'warn', text });
  }
  try {
    if (translator.kind === 'warm') {
      folder.oldIsWorthless();
      await runWarm(work, translator);
    } else await runOneShots(work, translator, folder);
  } finally {
    // What could not be recorded stays: the next run gathers it.
    await folder.close({ keep: stop.reasons.has('cannot-go-on') });
  }
}
