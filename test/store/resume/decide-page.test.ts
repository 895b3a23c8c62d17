import { expect, test } from 'vitest';
import { decidePage, type Evidence } from '../../../src/store/resume/decide-page.ts';
import { lineOf } from '../lines.ts';

const line = lineOf('a.png');
const same = { bytes: 6, mtimeMs: 1000 };
const touched = { bytes: 6, mtimeMs: 2000 };
const bad = lineOf('a.png', { outcome: 'failed', reason: 'oom', output: null });
const untranslated = lineOf('a.png', { outcome: 'untranslated' });
const noFile = lineOf('a.png', { outcome: 'no-text', output: null });
const old = lineOf('a.png', { options: 'hash-then' });

test.each<[string, Omit<Evidence, 'optionsHash'>, string]>([
  ['nothing known yet', { line }, 'look source'],
  ['output not looked at', { line, source: same }, 'look output'],
  ['all as recorded', { line, source: same, outputBytes: 4 }, 'skip'],
  ['source gone', { line, source: null, outputBytes: 4 }, 'do source-changed'],
  ['source of another size', { line, source: { ...same, bytes: 7 }, outputBytes: 4 }, 'do source-changed'],
  [
    'source not on record',
    { line: { ...line, source: null }, source: same, outputBytes: 4 },
    'do source-changed',
  ],
  ['source of another time', { line, source: touched, outputBytes: 4 }, 'look content'],
  ['… same content', { line, source: touched, outputBytes: 4, sameContent: true }, 'skip otherTime'],
  ['… other content', { line, source: touched, outputBytes: 4, sameContent: false }, 'do source-changed'],
  ['… and the output missing', { line, source: touched, outputBytes: null }, 'do output-missing'],
  ['output missing', { line, source: same, outputBytes: null }, 'do output-missing'],
  ['output of another size', { line, source: same, outputBytes: 5 }, 'look wholeness'],
  ['… whole', { line, source: same, outputBytes: 5, outputWhole: true }, 'skip touchedUp'],
  ['… cut', { line, source: same, outputBytes: 5, outputWhole: false }, 'do output-cut'],
  ['failed before', { line: bad, source: same, outputBytes: 4 }, 'do not-good'],
  ['untranslated before', { line: untranslated, source: same, outputBytes: 4 }, 'do not-good'],
  ['good without a file', { line: noFile, source: same }, 'skip'],
  ['good without a file, other time', { line: noFile, source: touched }, 'look content'],
  ['other options', { line: old, source: same, outputBytes: 4 }, 'skip otherOptions'],
  ['other options, output missing', { line: old, source: same, outputBytes: null }, 'do output-missing'],
  ['other options, changed', { line: old, overwrite: 'changed' }, 'do other-options'],
  ['same options, changed', { line, source: same, outputBytes: 4, overwrite: 'changed' }, 'skip'],
  ['all', { line, source: same, outputBytes: 4, overwrite: 'all' }, 'do overwrite'],
  ['unknown file, all', { outputBytes: 4, outputWhole: true, overwrite: 'all' }, 'do overwrite'],
  [
    'all, made since it began',
    { line, source: same, outputBytes: 4, overwrite: 'all', overwriteSince: line.time },
    'skip',
  ],
  ['… before', { line, overwrite: 'all', overwriteSince: '2026-01-02T03:04:06.000Z' }, 'do overwrite'],
  ['… with other options', { line: old, overwrite: 'all', overwriteSince: line.time }, 'do overwrite'],
  ['… badly', { line: bad, overwrite: 'all', overwriteSince: line.time }, 'do overwrite'],
  [
    '… by hand',
    { line: { ...line, adopted: true }, overwrite: 'all', overwriteSince: line.time },
    'do overwrite',
  ],
  ['of the demo', { line: old, source: same, outputBytes: 4, isOfDemo: true }, 'do made-by-demo'],
  ['… output not looked at', { line: old, source: same, isOfDemo: true }, 'look output'],
  ['… of another time', { line: old, source: touched, outputBytes: 4, isOfDemo: true }, 'do made-by-demo'],
  [
    '… replaced by hand',
    { line: old, source: same, outputBytes: 5, outputWhole: true, isOfDemo: true },
    'skip otherOptions touchedUp',
  ],
  ['unknown page', {}, 'look output'],
  ['unknown page without a file', { outputBytes: null }, 'do new'],
  ['unknown file', { outputBytes: 4 }, 'look wholeness'],
  ['unknown file, whole', { outputBytes: 4, outputWhole: true }, 'adopt'],
  ['unknown file, whole, changed', { outputBytes: 4, outputWhole: true, overwrite: 'changed' }, 'adopt'],
  ['unknown file, cut', { outputBytes: 4, outputWhole: false }, 'do output-cut'],
])('%s', (_what, evidence, expected) => {
  expect(inWords(decidePage({ ...evidence, optionsHash: 'hash-now' }))).toBe(expected);
});

const inWords = (judged: ReturnType<typeof decidePage>): string =>
  Object.entries(judged)
    .flatMap(([key, value]) => (value === true ? [key] : value === false ? [] : [value]))
    .join(' ');
