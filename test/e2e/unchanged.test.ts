import { cp } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { RunSummary } from '../../src/index.ts';
import { Place } from './rig.ts';

/** Translates pages whose number is even, and saves the original of the others, as a script does that swallows exceptions. */
const SCRIPT = `import argparse, os, struct, zlib
parser = argparse.ArgumentParser()
parser.add_argument("--input")
parser.add_argument("--output")
given = parser.parse_args()
os.makedirs(given.output, exist_ok=True)
for page in sorted(os.listdir(given.input)):
    with open(os.path.join(given.input, page), "rb") as file:
        data = file.read()
    text = b"tEXtComment\\0done"
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    with open(os.path.join(given.output, page), "wb") as file:
        file.write(data if int(page[0]) % 2 else data[:-12] + chunk + data[-12:])
    print("done", page, flush=True)
`;

test('outputs that are their originals again are counted, in the run and in every report of it', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png', '4.png'], gpus: 1, script: false });
  await place.write('script.py', SCRIPT);
  const run = place.start({ args: ['--translator', 'script.py'] });
  expect(await run.exit).toBe(0);
  const unchanged = run.of('page-finished').filter((page) => page.unchanged);
  expect(unchanged.map(({ page, outcome }) => `${page} ${outcome}`).sort()).toEqual([
    '1.png translated',
    '3.png translated',
  ]);
  expect(run.of('run-finished')[0]).toMatchObject({ unchanged: 2, counts: { translated: 4 }, exitCode: 0 });

  const reported = async (...args: string[]) => {
    const report = place.start({ argv: ['report', 'input-translated', ...args] });
    expect(await report.exit).toBe(0);
    return report;
  };
  const [summary] = (await reported('--json')).events as unknown as RunSummary[];
  expect(summary?.unchanged).toBe(2);
  expect((await reported()).text.join('\n')).toContain('unchanged: 2 outputs equal to the original');
  const csv = (await reported('--format', 'csv')).text;
  expect(csv[0]).toMatch(/,unchanged,notes\r?$/);
  expect(csv.filter((line) => /^[13]\.png,translated,.*,true,\r?$/.test(line))).toHaveLength(2);
  expect(
    (await reported('--format', 'junit')).text.filter((line) => line.includes('unchanged')),
  ).toHaveLength(2);
});

test('a file that was there before any ledger and is its original is counted too', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png'], gpus: 1 });
  await cp(place.path('input'), place.path('input-translated'), { recursive: true });
  const run = place.start();
  expect(await run.exit).toBe(0);
  expect(run.of('run-finished')[0]).toMatchObject({ counts: { skipped: 2 } });
  const report = place.start({ argv: ['report', 'input-translated', '--json'] });
  expect(await report.exit).toBe(0);
  expect(report.events[0]).toMatchObject({ unchanged: 2, ledger: { adopted: 2 } });
});
