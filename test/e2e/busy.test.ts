import { expect, test } from 'vitest';
import { Place } from './rig.ts';

const WORKER = `import json, os, sys, time
def say(**message):
    print(json.dumps(message), flush=True)
say(type="ready", protocol=1, translator="t", version="1", device="cuda", loadSeconds=0)
for line in sys.stdin:
    page = json.loads(line)
    time.sleep(0.1 if os.environ["MGPU_GPU"] == "0" else 0.4)
    os.makedirs(os.path.dirname(page["output"]), exist_ok=True)
    with open(page["input"], "rb") as source, open(page["output"], "wb") as target:
        target.write(source.read())
    say(type="done", id=page["id"], outcome="translated")
`;

test('a card that is done early is not busy while the other one works', async () => {
  const place = await Place.make({ pages: Array.from({ length: 16 }, (_, n) => `${n}.png`), script: false });
  await place.write('worker.py', WORKER);
  const run = place.start({ args: ['--translator', 'worker:worker.py', '--strategy', 'even'] });
  expect(await run.exit).toBe(0);
  const [end] = run.of('run-finished');
  const [fast, slow] = end?.gpus ?? [];
  /** Seconds from the start of a slot's worker to its last page. */
  const spanOf = (slot: string): number => {
    const started = run.of('worker-started').find((worker) => worker.slot === slot);
    const last = run.of('page-finished').findLast((page) => page.slot === slot);
    return (Date.parse(last?.time ?? '') - Date.parse(started?.time ?? '')) / 1000;
  };
  // Eight pages each, the first card in a quarter of the time.
  expect(Math.abs((fast?.busySeconds ?? 0) - spanOf('gpu0-0'))).toBeLessThan(0.4);
  expect(Math.abs((slow?.busySeconds ?? 0) - spanOf('gpu1-0'))).toBeLessThan(0.4);
  expect(spanOf('gpu0-0')).toBeLessThan(spanOf('gpu1-0'));
});
