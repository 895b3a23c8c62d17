import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT, readPage } from './shown.ts';

interface Field {
  readonly type: string;
  readonly id?: string;
  readonly attributes: { readonly label?: string; readonly description?: string; readonly value?: string };
  readonly validations?: { readonly required: boolean };
}

const formOf = async (name: string): Promise<{ name: string; description: string; body: Field[] }> =>
  parse(await readPage(`.github/ISSUE_TEMPLATE/${name}.yml`));

test.each(['bug', 'feature'])('the issue form %s has what GitHub asks of one', async (name) => {
  const form = await formOf(name);
  expect([form.name, form.description]).not.toContain(undefined);
  const fields = form.body.filter(({ type }) => type !== 'markdown');
  expect(fields.filter(({ type }) => !['input', 'textarea'].includes(type))).toEqual([]);
  expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  expect(fields.filter(({ attributes }) => attributes.label === undefined)).toEqual([]);
});

test('a bug report asks for the version, the command, the summary and what doctor says', async () => {
  const { body } = await formOf('bug');
  expect(body.flatMap(({ id }) => id ?? [])).toEqual([
    'version',
    'command',
    'what',
    'summary',
    'doctor',
    'log',
  ]);
  const asked = body.map(({ attributes }) => attributes.description ?? '').join('\n');
  for (const command of ['--version', 'doctor INPUT', 'report OUTPUT'])
    expect(asked).toContain(`\`mgpu-translate ${command}\``);
});

test('the workflow runs .ci/run on the oldest Node that is supported', async () => {
  const { jobs } = parse(await readPage('.github/workflows/ci.yml'));
  const steps: { uses?: string; run?: string; with?: Record<string, unknown> }[] = jobs.all.steps;
  const { engines } = JSON.parse(await readPage('package.json'));
  const node = steps.find(({ uses }) => uses?.startsWith('actions/setup-node@'))?.with?.['node-version'];
  expect(engines.node).toMatch(new RegExp(`^>=${node}\\.`));
  expect(steps.at(-1)?.run).toBe('.ci/run');
  const { mode } = await stat(path.join(ROOT, '.ci/run'));
  expect(mode & 0o111).not.toBe(0);
});
