import { expect, test } from 'vitest';
import { escapeControls } from '../../src/model/escape-controls.ts';
import { csvLines } from '../../src/report/csv.ts';
import { junitXml } from '../../src/report/junit.ts';
import type { ReportedPage } from '../../src/report/reported-page.ts';

const pages: ReportedPage[] = [
  {
    page: 'ch1/a.png',
    slot: 'gpu0-0',
    attempt: 1,
    outcome: 'translated',
    seconds: 1.5,
    output: 'ch1/a.png',
  },
  {
    page: 'b, "c"\n.png',
    attempt: 3,
    outcome: 'failed',
    reason: 'oom',
    message: 'a < b & \u0000\ud800',
  },
  {
    page: 'd.png',
    attempt: 1,
    outcome: 'untranslated',
    output: 'd.png',
    unchanged: true,
    notes: ['=two, "small" balloons', 'no\nsign'],
  },
];

test('CSV has a line a page, with quotes where they are needed', () => {
  expect([...csvLines(pages)].join('')).toBe(
    [
      'page,outcome,reason,message,slot,attempt,seconds,peakMemoryBytes,output,unchanged,notes',
      'ch1/a.png,translated,,,gpu0-0,1,1.5,,ch1/a.png,,',
      '"b, ""c""\\n.png",failed,oom,a < b & \\x00\ud800,,3,,,,,',
      'd.png,untranslated,,,,1,,,d.png,true,"\'=two, ""small"" balloons; no\\nsign"',
      '',
    ].join('\r\n'),
  );
});

const DANGEROUS = [
  '=1+1.png',
  '+1',
  '-1.png',
  '@x',
  "'=1",
  '"=1"',
  ' =1',
  '\u00a0-1',
  '＝1',
  '－1',
  '＠1',
  '\t=1',
];

test.each(DANGEROUS)('CSV holds no formula, and the name can be read back (%j)', (name) => {
  const page: ReportedPage = {
    page: name,
    attempt: 1,
    outcome: 'failed',
    message: name,
  };
  const [, line = ''] = [...csvLines([page])];
  const [, quoted, bare] = /^(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line) ?? [];
  const cell = quoted?.replaceAll('""', '"') ?? bare ?? '';
  expect(cell).toMatch(/^['\\]/);
  expect(cell.replace(/^'(?=['"\s]*[=+\-@＝＋－＠])/, '')).toBe(escapeControls(name));
});

test('CSV leaves numbers and other names as they are', () => {
  const page: ReportedPage = {
    page: "'a-1.png",
    attempt: 0,
    outcome: 'translated',
    seconds: 0.5,
  };
  expect([...csvLines([page])][1]).toBe("'a-1.png,translated,,,,0,0.5,,,,\r\n");
});

test('JUnit counts failed and untranslated pages as failures, and holds nothing that XML forbids', () => {
  const xml = junitXml(pages);
  expect(xml).toContain('<testsuite name="pages" tests="3" failures="2" time="1.500">');
  expect(xml).toContain('<testcase classname="ch1" name="a.png" time="1.500"/>');
  // Its time is not known, which is not no time at all.
  expect(xml).toContain('name="b, &quot;c&quot;\\n.png">');
  expect(xml).toContain('<failure type="oom" message="a &lt; b &amp; \\x00\ufffd"/>');
  expect(xml).toContain(
    '<failure type="untranslated" message="untranslated"/><system-out>unchanged: the output equals its source byte for byte</system-out>',
  );
});

test('a page that is left has its line, and is neither a failure nor a success', () => {
  const left: ReportedPage[] = [{ page: 'ch1/b.png', attempt: 0, outcome: 'left' }];
  expect([...csvLines(left)].at(-1)).toBe('ch1/b.png,left,,,,0,,,,,\r\n');
  const junit = junitXml([...pages, ...left]);
  expect(junit).toContain('tests="4" failures="2" skipped="1"');
  expect(junit).toContain('name="b.png"><skipped message="not translated yet"/></testcase>');
});
