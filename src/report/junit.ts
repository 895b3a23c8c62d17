import { escapeControls } from '../model/escape-controls.ts';
import { isGood } from '../model/outcome.ts';
import type { ReportedPage } from './reported-page.ts';

/**
 * Pages as a JUnit XML report: a test case each, `failed` and `untranslated` ones as failures, `left` ones as skipped; `time`
 * where it is known.
 */
export function junitXml(pages: Iterable<ReportedPage>): string {
  const cases: string[] = [];
  let [failures, left, seconds] = [0, 0, 0];
  for (const page of pages) {
    if (page.outcome === 'left') left += 1;
    else if (!isGood(page.outcome)) failures += 1;
    seconds += page.seconds ?? 0;
    cases.push(testCase(page));
  }
  const totals = `tests="${cases.length}" failures="${failures}"${left > 0 ? ` skipped="${left}"` : ''} time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mgpu-translate" ${totals}>`,
    `  <testsuite name="pages" ${totals}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const LEFT = '<skipped message="not translated yet"/>';
const UNCHANGED = '<system-out>unchanged: the output equals its source byte for byte</system-out>';

function testCase({ page, outcome, reason, message, seconds, unchanged }: ReportedPage): string {
  const slash = page.lastIndexOf('/');
  const folder = slash === -1 ? '.' : page.slice(0, slash);
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`;
  const open = `    <testcase classname="${xml(folder)}" name="${xml(page.slice(slash + 1))}"${time}`;
  const failure = `<failure type="${reason ?? outcome}" message="${xml(message ?? outcome)}"/>`;
  const whatElse = outcome === 'left' ? [LEFT] : isGood(outcome) ? [] : [failure];
  const inside = [...whatElse, ...(unchanged ? [UNCHANGED] : [])].join('');
  return inside === '' ? `${open}/>` : `${open}>${inside}</testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for an attribute; what XML 1.0 can't hold at all (controls, lone surrogates, U+FFFE) is escaped or replaced. */
const xml = (text: string): string =>
  escapeControls(text)
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
