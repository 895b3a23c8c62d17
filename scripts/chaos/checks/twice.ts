import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** A page that was told translated is not translated again, unless somebody did something to its source or output. */
export function checkTwice({ book, launchers }: Scene): Violation[] {
  const made = new Map<string, number>();
  const wrong: string[] = [];
  for (const launcher of launchers) {
    // One whose calls fail may not see what is there.
    if (launcher.setup.isRefusedCalls) continue;
    for (const { page, outcome, attempt } of launcher.of('page-finished')) {
      if (outcome !== 'translated' || attempt === 0 || book.of(page).touched) continue;
      const before = made.get(page);
      if (before !== undefined) wrong.push(`${page}: by process ${before}, and again by ${launcher.pid}`);
      made.set(page, launcher.pid);
    }
  }
  return wrong.map((text) => ({ check: 'twice', text }));
}
