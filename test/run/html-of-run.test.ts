import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { HtmlOfRun } from '../../src/run/html-of-run.ts';
import { tempFolder } from '../pages/temp-folder.ts';

const DEAD = '2026-11-28T23-33-19-403-oy1l';

test.each([
  { by: 'a run', run: DEAD, part: undefined, stays: [] },
  { by: 'a run, of a part', run: `${DEAD}-part-2-of-2`, part: undefined, stays: [] },
  { by: 'the same part', run: `${DEAD}-part-2-of-2`, part: { index: 2, of: 2 }, stays: [] },
  {
    by: 'another part, which may be writing it',
    run: `${DEAD}-part-1-of-2`,
    part: { index: 2, of: 2 },
    stays: ['report.html.part'],
  },
])('what a killed run left of its report is removed by $by', async ({ run, part, stays }) => {
  const output = await tempFolder();
  const dead = path.join(output, '.mgpu/runs', run);
  await mkdir(dead, { recursive: true });
  await writeFile(path.join(dead, 'report.html.part'), 'half');
  const folders = { output, run: path.join(output, '.mgpu/runs/2026-11-29T00-00-00-000-next') };
  const resolved = { folders, run: 'next', redact: { text: (text: string) => text } };
  const html = new HtmlOfRun({ options: { html: false, ...(part && { part }) }, resolved });
  expect(await html.write()).toEqual({});
  expect(await readdir(dead)).toEqual(stays);
});
