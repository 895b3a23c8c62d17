import { expect, test } from 'vitest';
import { datedChangelog } from '../../../scripts/release/dated-changelog.ts';

const RELEASE = { version: '0.2.0', date: '2026-11-28' };
const OLDER = '\n## [0.1.0] - 2026-01-01\n\n- old\n';
const dated = (sections: string): string => datedChangelog(`# Changelog\n\n${sections}${OLDER}`, RELEASE);

test('what was unreleased is the version of that day, and there is room for what comes next', () => {
  expect(dated('## [Unreleased]\n\n### Added\n\n- a\n')).toBe(
    `# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-28\n\n### Added\n\n- a\n${OLDER}`,
  );
});

test('a heading that was written before gets its date, or keeps it', () => {
  const own = (heading: string): string => dated(`## [Unreleased]\n\n${heading}\n\n- a\n`);
  expect(own('## [0.2.0]')).toContain('\n\n## [0.2.0] - 2026-11-28\n\n- a\n');
  expect(own('## [0.2.0] - Unreleased')).toContain('\n\n## [0.2.0] - 2026-11-28\n\n- a\n');
  expect(own('## [0.2.0] - 2026-11-20')).toContain('\n\n## [0.2.0] - 2026-11-20\n\n- a\n');
});

test.each([
  ['nothing to release', '## [Unreleased]\n\n### Added\n', 'there is nothing below ## [Unreleased]'],
  ['no heading', '', 'there is nothing below ## [Unreleased]'],
  ['an empty section', '## [0.2.0]\n', 'there is nothing below ## [0.2.0]'],
  [
    'entries in two sections',
    '## [Unreleased]\n\n- a\n\n## [0.2.0]\n\n- b\n',
    'entries below ## [Unreleased] and below ## [0.2.0]',
  ],
])('refuses %s', (_, sections, why) => {
  expect(() => dated(sections)).toThrow(why);
});
