import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Place } from './rig.ts';

const OUT = 'input-translated';

/** Page 1 is whole in `work.old-…` and on no record: so version 0.1.0 left it when it was killed. */
async function withOldWork(): Promise<Place> {
  const place = await Place.make({ pages: ['1.png', '2.png'], gpus: 1 });
  expect(await place.start().exit).toBe(0);
  const ledger = place.path(`${OUT}/.mgpu/ledger.ndjson`);
  const lines = (await readFile(ledger, 'utf8')).trim().split('\n');
  const { options } = JSON.parse(lines.find((line) => line.includes('"1.png"')) ?? '{}');
  await writeFile(ledger, `${lines.filter((line) => !line.includes('"1.png"')).join('\n')}\n`);
  const batch = `${OUT}/.mgpu/work.old-20250102-030405/gpu0-0/b0`;
  await mkdir(place.path(`${batch}/out`), { recursive: true });
  await rename(place.path(`${OUT}/1.png`), place.path(`${batch}/out/1.png`));
  const { size, mtimeMs } = await stat(place.path('input/1.png'));
  const record = [{ v: 1, options }, ['1.png', size, mtimeMs]];
  await place.write(`${batch}/batch.ndjson`, record.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return place;
}

test('plan and doctor see what a killed run left in work.old-…', async () => {
  const place = await withOldWork();
  const plan = place.start({ argv: ['plan', 'input', '--json'] });
  expect(await plan.exit).toBe(0);
  const [said] = plan.events as unknown as { pages: { recovered: number; todo: number } }[];
  expect(said?.pages).toMatchObject({ recovered: 1, todo: 0 });
  const doctor = place.start({ argv: ['doctor', 'input'] });
  await doctor.exit;
  expect(doctor.text.join('\n')).toContain('.mgpu/work.old-20250102-030405');
  const run = place.start();
  expect(await run.exit).toBe(0);
  expect(run.of('page-finished')).toMatchObject([{ page: '1.png', outcome: 'translated', attempt: 0 }]);
});

test('a folder where such a page’s output belongs costs that page', async () => {
  const place = await withOldWork();
  await place.write(`${OUT}/1.png/somebody's`, '');
  const run = place.start();
  expect(await run.exit).toBe(1);
  expect(run.of('page-finished')).toMatchObject([
    { page: '1.png', outcome: 'failed', message: expect.stringContaining("it can't be put into place") },
  ]);
  expect(run.stderr + JSON.stringify(run.events)).not.toContain('bug');
  await rm(place.path(`${OUT}/1.png`), { recursive: true });
  const again = place.start();
  expect(await again.exit).toBe(0);
});
