// Writes the tables of options in docs/configuration.md from the table that the program reads: tsx scripts/write-option-docs.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultText, flagOf, HEADINGS, type OptionSpec, variableOf } from '../src/options/option-spec.ts';
import { RUN_OPTIONS } from '../src/options/option-table.ts';

const PAGE = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));
const BEGIN = '<!-- made by scripts/write-option-docs.ts: from here -->\n';
const END = '<!-- to here -->\n';

const OPTIONS: readonly (readonly [string, OptionSpec])[] = Object.entries(RUN_OPTIONS);

/** The page with its tables of options written anew; what stands around them stays. */
export function withOptionTables(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`the page has lost its mark ${BEGIN.trim()} or ${END.trim()}`);
  return `${page.slice(0, begin)}${BEGIN}\n${HEADINGS.map(tableOf).join('\n')}\n${page.slice(end)}`;
}

function tableOf(heading: string): string {
  const rows = OPTIONS.filter(([, spec]) => spec.heading === heading).map(([key, spec]) => rowOf(key, spec));
  return [
    `### ${heading}\n`,
    '| flag | config key, variable | what it does | default |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function rowOf(key: string, spec: OptionSpec): string {
  const cells = [flagCell(key, spec), nameCell(key, spec), cell(spec.about), defaultCell(spec)];
  return `| ${cells.join(' | ')} |`;
}

function flagCell(key: string, spec: OptionSpec): string {
  if (spec.configOnly) return '`-- …`';
  const flag = flagOf(key, spec);
  const words = [flag, spec.value].filter((word) => word !== undefined).join(' ');
  return [...(spec.short === undefined ? [] : [code(spec.short)]), code(words)].join(', ');
}

function nameCell(key: string, spec: OptionSpec): string {
  if (spec.flagOnly) return '–';
  const variable = variableOf(key, spec);
  return [code(key), ...(variable === undefined ? [] : [code(variable)])].join('<br>');
}

function defaultCell(spec: OptionSpec): string {
  if (spec.positional) return 'required';
  const otherwise = defaultText(spec);
  if (otherwise === undefined) return 'off';
  return spec.fallbackText === undefined && otherwise !== 'none' ? code(otherwise) : cell(otherwise);
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** Text for a cell: no column, no tag and no placeholder is begun by it. */
const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replace(/<[\w-]+>/g, code)
    .replace(/(?<!`)\*|(?<=\s)--(?=\s)/g, '`$&`');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, withOptionTables(readFileSync(PAGE, 'utf8')));
}
