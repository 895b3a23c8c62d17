const UNRELEASED = '## [Unreleased]';

/**
 * A changelog in the form of Keep a Changelog whose unreleased entries are those of a version, below an empty heading for the
 * next ones. A heading of that version that was written before gets the date it lacks. `date` is 2026-11-28.
 * @throws Error where there is nothing to release, or two sections could be meant
 */
export function datedChangelog(
  changelog: string,
  { version, date }: { readonly version: string; readonly date: string },
): string {
  const lines = changelog.split('\n');
  const own = lines.findIndex((line) => line.startsWith(`## [${version}]`));
  const unreleased = lines.indexOf(UNRELEASED);
  const hasUnreleased = hasEntries(lines, unreleased);
  if (own === -1) {
    if (!hasUnreleased) throw new Error(`CHANGELOG.md: there is nothing below ${UNRELEASED}`);
    return lines.toSpliced(unreleased, 1, UNRELEASED, '', heading(version, date)).join('\n');
  }
  if (hasUnreleased)
    throw new Error(`CHANGELOG.md: there are entries below ${UNRELEASED} and below ${lines[own]}`);
  if (!hasEntries(lines, own)) throw new Error(`CHANGELOG.md: there is nothing below ${lines[own]}`);
  const isDated = / - \d{4}-\d\d-\d\d$/.test(lines[own] ?? '');
  return isDated ? changelog : lines.with(own, heading(version, date)).join('\n');
}

const heading = (version: string, date: string): string => `## [${version}] - ${date}`;

/** True where the section has at least one entry. */
function hasEntries(lines: readonly string[], start: number): boolean {
  if (start === -1) return false;
  const next = lines.findIndex((line, at) => at > start && line.startsWith('## '));
  return lines.slice(start + 1, next === -1 ? undefined : next).some((line) => line.startsWith('- '));
}
