import { escapeControls } from '../model/escape-controls.ts';
import type { Paint } from '../report/colours.ts';
import { plural } from '../report/format.ts';
import { wrapWords } from '../report/text-width.ts';
import type { Diagnosis, Finding, Level } from './finding.ts';

const WORDS: Readonly<Record<Level, string>> = {
  ok: 'ok',
  warning: 'warning',
  trouble: 'problem',
  unchecked: '–',
};

/** The findings for people: a line each, no wider than `columns`, with what fixes it below, and the upshot. */
export function doctorText({ canStart, findings }: Diagnosis, paint: Paint, columns?: number): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = width + 11;
  const lines = findings.flatMap(({ check, level, text, mend }) => [
    wrapWords(`${painted(level, paint)}  ${check.padEnd(width)}  ${escapeControls(text)}`, columns, indent),
    // A command in it is there to be copied.
    ...(mend === undefined ? [] : [`${' '.repeat(indent)}${paint.cyan(`→ ${escapeControls(mend)}`)}`]),
  ]);
  const count = (wanted: Level): number => findings.filter(({ level }: Finding) => level === wanted).length;
  const [troubles, warnings] = [count('trouble'), count('warning')];
  const upshot = canStart
    ? `a run can start${warnings > 0 ? `; ${plural(warnings, 'warning')}` : ''}`
    : `a run can't start: ${plural(troubles, 'problem')}`;
  return [...lines, '', canStart ? paint.bold(upshot) : paint.red(upshot)].join('\n');
}

function painted(level: Level, paint: Paint): string {
  const word = WORDS[level].padEnd(7);
  if (level === 'ok') return paint.green(word);
  if (level === 'unchecked') return paint.dim(word);
  return level === 'warning' ? paint.yellow(word) : paint.red(word);
}
