import { expect, test } from 'vitest';
import { readPage } from './shown.ts';

const CHANGELOG = await readPage('CHANGELOG.md');
const { version: VERSION } = JSON.parse(await readPage('package.json'));

const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

interface Release {
  readonly heading: string;
  readonly body: string;
}

const releases: Release[] = CHANGELOG.split(/^## /m)
  .slice(1)
  .map((text) => ({ heading: text.slice(0, text.indexOf('\n')), body: text.slice(text.indexOf('\n')) }));

test('what is not released stands first, then the version of package.json', () => {
  expect(releases[0]?.heading).toBe('[Unreleased]');
  expect(releases[1]?.heading).toMatch(new RegExp(`^\\[${VERSION.replaceAll('.', '\\.')}\\] - `));
});

test('releases have a version and a date, the newest first', () => {
  const released = releases.slice(1).map(({ heading }) => heading);
  expect(released.filter((heading) => !/^\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/.test(heading))).toEqual([]);
  const dates = released.map((heading) => heading.slice(-10));
  expect(dates).toEqual(dates.toSorted().reverse());
});

test.each(releases)(
  '$heading has the sections of Keep a Changelog, in their order, none empty',
  ({ body }) => {
    const sections = body.split(/^### /m).slice(1);
    const names = sections.map((text) => text.slice(0, text.indexOf('\n')));
    expect(names).toEqual(SECTIONS.filter((name) => names.includes(name)));
    expect(sections.filter((text) => !/^- /m.test(text))).toEqual([]);
  },
);
