import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { outlineOf } from './outline.ts';

const PAGE = `# Tool

English | [中文](README.zh-CN.md)

It runs on Node 20 or later, see [Install](docs/install.md#node).
SIGTERM stops it.

\`\`\`sh title=first
npm install    # once
npm test
\`\`\`

## Options

- \`--a\` or \`--b\`: the
  first ones
- the others

| option | default |
| --- | --- |
| \`-x, --more a\\|b\` | 2 |
| \`--less\` | [none](#options) |

### Codes

\`\`\`
# of the program's own words, nothing is translated
\`\`\`
`;

const TRANSLATED = `# Tool

[English](README.md) | 中文

见[安装](docs/install.md#node)，需要 Node 20 或更高版本。SIGTERM 会让它停止。

\`\`\`sh title=first
npm install  # 一次
npm test
\`\`\`

## 选项

- \`--b\` 或 \`--a\`
- 其他

| 选项 | 默认值 |
| --- | --- |
| \`-x, --more a\\|b\` | 2 |
| \`--less\` | [无](#选项) |

### 退出码

\`\`\`
# of the program's own words, nothing is translated
\`\`\`
`;

/** The headings of those sections that are other in the second page, or new. */
function changedIn(before: string, after: string): string[] {
  const sections = outlineOf(before);
  return outlineOf(after).flatMap((section) =>
    sections.some((old) => isDeepStrictEqual(old, section)) ? [] : [section.heading],
  );
}

test('a page and its translation have one outline', () => {
  const [ours, theirs] = [outlineOf(PAGE), outlineOf(TRANSLATED)];
  expect(theirs.map(({ heading }) => heading)).toEqual(['# Tool', '## 选项', '### 退出码']);
  expect(theirs.map(({ blocks }) => blocks)).toEqual(ours.map(({ blocks }) => blocks));
  expect(ours[1]?.blocks).toEqual([
    'item: `--a` `--b`',
    'item: ',
    'row:  | ',
    'row:  | ',
    'row: `-x, --more a\\|b` | 2',
    'row: `--less` | a heading of this page',
  ]);
});

test.each([
  ['a row', '## Options', '| `--less`', '| `--new` | 1 |\n| `--less`'],
  ['a default', '## Options', '| 2 |', '| 3 |'],
  ['the order of rows', '## Options', /(\| `-x.*\n)(\| `--less.*\n)/, '$2$1'],
  ['a column', '## Options', '| 2 |', '| 2 | |'],
  ['an option in the text', '## Options', 'the others', 'the others, as `--c`'],
  ['a list item', '## Options', '- the others', '- the others\n- the rest'],
  ['a paragraph', '## Options', '## Options\n', '## Options\n\nThere are some.\n'],
  ['a line of code', '# Tool', 'npm test', 'npm run build\nnpm test'],
  ['a command', '# Tool', 'npm install ', 'npm ci '],
  ['a comment', '# Tool', 'npm test', 'npm test    # always'],
  ['the title of a block', '# Tool', 'title=first', 'title=second'],
  ['code that is no script', '### Codes', 'nothing', 'everything'],
  ['the target of a link', '# Tool', 'install.md#node', 'install.md'],
  ['a number in the text', '# Tool', 'Node 20', 'Node 22'],
  ['a signal', '# Tool', 'SIGTERM', 'SIGUSR1'],
  ['a section', '## New', '## Options', '## New\n\n## Options'],
  ['the level of a section', '## Codes', '### Codes', '## Codes'],
])('another outline: %s', (_, section, before, after) => {
  expect(changedIn(PAGE, PAGE.replace(before, after))).toEqual([section]);
});

test('the same outline: other words, other lines, other words of a comment', () => {
  const reworded = PAGE.replace('It runs on', 'It works with')
    .replace('SIGTERM stops it.', 'It stops after\nSIGTERM.')
    .replace('# once', '# the first time');
  expect(reworded).not.toBe(PAGE);
  expect(changedIn(PAGE, reworded)).toEqual([]);
});
