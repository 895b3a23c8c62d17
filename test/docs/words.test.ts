import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { docPages, ROOT, readPage } from './shown.ts';

/** What once made the program read like a translation, and what to write instead. */
const ODD_WORDS: readonly (readonly [RegExp, string])[] = [
  // By itself it is a field of `doctor --json`.
  [/\bmend(?:s|ed|ing| (?:it|that|this|these|the|what))\b/, 'fix'],
  [/\bbegun\b/, 'started'],
  [/\bat once\b/, 'immediately, or: at the same time'],
  [/\b(?:go|goes|went) on\b/, 'continue, resume, move on'],
  [/\bgoing on\b/, 'running, in progress'],
  [/\bstands? (?:behind|beside|there)\b/, 'comes after, is next to, is there'],
  [/\bbehind `?--/, 'after --'],
  [/\b(?:is to be had|can't be had)\b/, 'is available'],
  [/\bhas its end\b/, 'ends'],
  [/\btruthful(?:ly)?\b/, 'exactly'],
  [/\bin good order\b/, 'gracefully'],
  [/\bwhat (?:becomes|became) of\b/, 'what happened to, the outcome of'],
  [/\b(?:without a|first|no) sign\b(?! of)|\bsign of life\b/, 'heartbeat, output'],
  [/\bto the translator untouched\b/, 'to the translator unchanged'],
  [/\bcomes? to nothing\b/, 'fails'],
  [/\bmakes? no sense\b/, 'is invalid'],
  [/\bpassed over\b/, 'ignored, skipped'],
  [/\bis believed\b/, 'is used as given'],
  [/\b(?:done|made) again\b/, 'translated again'],
  [/\bmay not be (?:executed|read)\b/, 'is not executable, permission denied'],
  [/\ball the same\b/, 'anyway'],
  [/\bdon't go together\b/, "can't be combined"],
  [/\bwithout a word\b/, 'without output'],
];

/** Written by a script, from measurements. */
const GENERATED = ['docs/performance.md', 'docs/reliability.md'];

/** Code without the comments that have lines of their own: sentences in the rest of it are said to a user. */
const withoutComments = (code: string): string =>
  code
    .replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/^[ \t]*\/\/.*$/gm, '');

/** `line 12: at once (write: immediately …)` for each odd word. */
const oddWordsIn = (text: string): string[] =>
  text.split('\n').flatMap((line, at) =>
    ODD_WORDS.flatMap(([word, instead]) => {
      const found = word.exec(line)?.[0];
      return found === undefined ? [] : [`line ${at + 1}: "${found}" (write: ${instead})`];
    }),
  );

const PAGES = (await docPages()).filter((page) => !GENERATED.includes(page) && !page.includes('.zh-'));
const SOURCES = (await readdir(path.join(ROOT, 'src'), { recursive: true }))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`);

test.each(PAGES)('%s is plain English', async (page) => {
  expect(oddWordsIn(await readPage(page))).toEqual([]);
});

test('so is what the program says: messages, --help, the option table', async () => {
  const odd: string[] = [];
  for (const file of SOURCES) {
    const code = withoutComments(await readFile(path.join(ROOT, file), 'utf8'));
    odd.push(...oddWordsIn(code).map((word) => `${file}, ${word}`));
  }
  expect(odd).toEqual([]);
});

test('odd words are found where they are said, and not in a comment', () => {
  const code =
    "/** Mend\n * this at once. */\n// at once\nsay('stopped at once, mend it');\nreturn { mend };\n";
  expect(oddWordsIn(withoutComments(code))).toEqual([
    'line 4: "mend it" (write: fix)',
    'line 4: "at once" (write: immediately, or: at the same time)',
  ]);
});
