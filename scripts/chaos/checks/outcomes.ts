import type { Launcher } from '../launcher.ts';
import type { ReportRead } from '../read-report.ts';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** Every page has one outcome, and the one that it must have; the report and the events count the same. */
export function checkOutcomes(
  scene: Scene,
  last: readonly Launcher[],
  { report, trouble, lines }: ReportRead,
): Violation[] {
  const { book, setting } = scene;
  const wrong: string[] = [];
  for (const id of book.present) {
    const { isWhole, foreign, touched } = book.of(id);
    const line = lines.get(id);
    const mustFail = !isWhole || id === setting.cursed?.page;
    if (!line) wrong.push(`${id}: no outcome`);
    else if (!mustFail && line.outcome !== 'translated')
      wrong.push(`${id}: ${line.outcome}, ${line.reason}: ${line.message}`);
    // What somebody put there may be taken up; so may what a ledger told of that was cut.
    else if (mustFail && line.outcome !== 'failed' && foreign.length === 0 && !(touched && line.adopted))
      wrong.push(`${id}: ${line.outcome}, and it must fail`);
  }
  wrong.push(...countsOf(scene, last));
  if (!report) wrong.push(`report: ${trouble}`);
  else {
    const own = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 };
    for (const { outcome } of lines.values()) own[outcome] += 1;
    const told = report.ledger.outcomes;
    if (JSON.stringify(told) !== JSON.stringify(own))
      wrong.push(`the report counts ${JSON.stringify(told)}, the ledger has ${JSON.stringify(own)}`);
    if (report.state !== 'finished') wrong.push(`the report says ${report.state}`);
  }
  for (const launcher of scene.launchers) wrong.push(...toldTwice(launcher));
  return wrong.map((text) => ({ check: 'outcome', text }));
}

function countsOf({ book }: Scene, last: readonly Launcher[]): string[] {
  let all = 0;
  for (const launcher of last) {
    const { counts } = launcher.of('run-finished').at(-1) ?? {};
    if (!counts) continue;
    all += Object.values(counts).reduce((sum, each) => sum + each, 0);
  }
  const pages = book.present.length;
  return all === pages ? [] : [`the last run counts ${all} pages of ${pages}`];
}

function toldTwice(launcher: Launcher): string[] {
  const ends = launcher.of('page-finished').map(({ page }) => page);
  const twice = ends.filter((page, at) => ends.indexOf(page) !== at);
  return twice.map((page) => `${page}: process ${launcher.pid} told its end twice`);
}
