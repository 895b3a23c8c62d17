import { expect, test } from 'vitest';
import { blocksOf, outlineOf, type Section } from './outline.ts';
import { readPage } from './shown.ts';

const ENGLISH = await readPage('README.md');
const CHINESE = await readPage('README.zh-CN.md');

/** The headings of README.md, and of README.zh-CN.md. A new one goes into both pages and into this list. */
const HEADINGS = [
  ['# mgpu-translate', '# mgpu-translate'],
  ['## Install', '## 安装'],
  ['## First run', '## 快速上手'],
  ['## What a run looks like', '## 运行效果'],
  ['## When a page fails', '## 某一页失败时'],
  ['## Stop and resume', '## 停止与断点续跑'],
  ['## Kaggle', '## Kaggle'],
  ['## Colab', '## Colab'],
  ['## Docker', '## Docker'],
  ['## Options', '## 选项'],
  ['### Strategies', '### 分配策略'],
  ['### Exit codes', '### 退出码'],
  ['## Documentation', '## 文档'],
  ['## Working on it', '## 参与开发'],
] as const;

const headingsOf = (sections: readonly Section[]): string[] => sections.map(({ heading }) => heading);
const blocksUnder = (heading: string, page: string): readonly string[] | undefined =>
  outlineOf(page).find((section) => section.heading === heading)?.blocks;

test('README.zh-CN.md has the headings of README.md, in their order', () => {
  expect(headingsOf(outlineOf(ENGLISH))).toEqual(HEADINGS.map(([english]) => english));
  expect(headingsOf(outlineOf(CHINESE))).toEqual(HEADINGS.map(([, chinese]) => chinese));
});

test.each(HEADINGS)('README.md, %s: README.zh-CN.md says the same under %s', (english, chinese) => {
  expect(blocksUnder(chinese, CHINESE)).toEqual(blocksUnder(english, ENGLISH));
});

test('each page begins with a link to the other', () => {
  expect(blocksOf(ENGLISH)[1]).toBe('English | [简体中文](README.zh-CN.md)');
  expect(blocksOf(CHINESE)[1]).toBe('[English](README.md) | 简体中文');
});

/** The Chinese text alone; code in the text is one letter, a link the text that is shown. */
const PROSE = blocksOf(CHINESE)
  .filter((block) => !block.startsWith('```'))
  .map((block) => block.replace(/`[^`]+`/g, 'C').replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1'));

test.each([
  ['a space between Chinese and Latin', /\p{Script=Han}[A-Za-z\d]|[A-Za-z\d]\p{Script=Han}/u],
  ['no space around full-width punctuation', / [，。；：？！、（）“”]|[，。；：？！、（）“”] (?!\|)/],
  ['full-width punctuation after Chinese', /[\p{Script=Han}）][,.;:?!()]/u],
  ['one line a paragraph: a line break is shown as a space', /\n/],
  [
    'bold text that ends in a letter: after punctuation the asterisks are shown',
    /\*\*[^*]+[，。；：？！、）]\*\*\S/,
  ],
])('Chinese typography: %s', (_, wrong) => {
  expect(PROSE.filter((block) => wrong.test(block))).toEqual([]);
});
