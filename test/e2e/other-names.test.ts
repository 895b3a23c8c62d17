import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Place } from './rig.ts';

/** Writes each page under another name, into the folder that MODE says; or has no use for links. */
const SCRIPT = `import os, sys
taken, made, mode = sys.argv[1:4]
for name in sorted(os.listdir(taken)):
    page = os.path.join(taken, name)
    print("Testing 0", flush=True)
    if mode == "unseen" and os.path.islink(page):
        raise FileNotFoundError(2, "No such file or directory", page)
    data = open(page, "rb").read()
    target = os.path.join(taken if mode == "input" else made, name if mode == "unseen" else name[:-4] + "_out.png")
    open(target, "wb").write(data[:-12] + b"\\0\\0\\0\\0faKeXI\\xd5\\xcd" + data[-12:])
`;
const args = (mode: string) => ['--command', `python3 script.py {input} {output} ${mode}`, '--retries', '0'];

async function placeOf(pages: readonly string[], script: string): Promise<Place> {
  const place = await Place.make({ pages: [...pages], gpus: 1, script: false });
  await place.write('script.py', script);
  return place;
}

test('outputs in the input folder: the run stops, says which options, and the run that has them pays nothing', async () => {
  const place = await placeOf(['1.png', '2.png', '3.png'], SCRIPT);
  const run = place.start({ args: args('input') });
  expect(await run.exit).toBe(3);
  expect(run.stderr).toMatch(/script\.py wrote [123]_out\.png and 2 more images into its input folder/);
  expect(run.stderr).toContain(`add --outputs-in '{input}' --output-name '{stem}_out{ext}'`);
  expect(run.of('page-finished')).toEqual([]);

  const again = place.start({ args: args('input') });
  expect(await again.exit).toBe(3);
  expect(again.stderr).toMatch(/an earlier run left [123]_out\.png/);
  expect(again.of('worker-started')).toEqual([]);

  const told = place.start({
    args: [...args('input'), '--outputs-in', '{input}', '--output-name', '{stem}_out{ext}'],
  });
  expect(await told.exit).toBe(0);
  expect(told.of('worker-started')).toEqual([]);
  expect((await readdir(place.path('input-translated'))).sort()).toEqual([
    '.mgpu',
    '1.png',
    '2.png',
    '3.png',
  ]);
});

test('images that are said to be no outputs are kept, and named where every child fails', async () => {
  const pages = Array.from({ length: 12 }, (_, at) => `${'abcdefghijkl'[at]}.png`);
  const place = await placeOf(pages, SCRIPT);
  const run = place.start({ args: [...args('input'), '--outputs-in', '{output}'] });
  expect(await run.exit).toBe(3);
  expect(run.of('run-finished')[0]?.message).toMatch(
    /no page was finished: Testing 0 \(it wrote \w_out\.png into its input folder\)/,
  );
  expect(run.of('notice').map(({ text }) => text)).toEqual([
    expect.stringMatching(/^script\.py wrote \w_out\.png, which is not the name of a page\..* kept in /),
  ]);
});

test('pages that a program does not see, as in a container: --link copy is named, and works', async () => {
  const place = await placeOf(['1.png', '2.png', '3.png', '4.png', '5.png', '6.png'], SCRIPT);
  const run = place.start({ args: args('unseen') });
  expect(await run.exit).toBe(3);
  expect(run.stderr).toMatch(/^hint: --link copy gives the translator copies/m);
  expect(run.of('notice').filter(({ text }) => text.includes('--link copy'))).toHaveLength(1);
  expect(await place.start({ args: [...args('unseen'), '--link', 'copy'] }).exit).toBe(0);
});

const WORKER = `import json, os, sys
print(json.dumps(dict(type="ready", protocol=1, translator="t", version="1", device="cpu", loadSeconds=0)), flush=True)
for line in sys.stdin:
    page = json.loads(line)
    if page["type"] != "page": break
    answer = dict(type="failed", id=page["id"], reason="unreadable", seconds=0, message="No such file or directory: " + page["input"])
    if page["id"] == "2.png":
        open(page["output"].replace("2.png", "2_out.png"), "wb").write(open(page["input"], "rb").read())
        answer = dict(type="done", id=page["id"], outcome="translated", seconds=0)
    print(json.dumps(answer), flush=True)
`;

test('a warm worker: pages that it does not see, and an output under another name', async () => {
  const place = await placeOf(['1.png', '2.png'], WORKER);
  const run = place.start({ args: ['-t', 'worker:script.py', '--retries', '0'] });
  expect(await run.exit).toBe(1);
  expect(run.of('notice').map(({ text }) => text)).toContainEqual(expect.stringContaining('--link copy'));
  const second = run.of('page-finished').find(({ page }) => page === '2.png');
  expect(second?.message).toContain('there is no file (it wrote 2_out.png)');
});
