import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DoctorContext } from '../../src/doctor/context.ts';
import { tryWarm } from '../../src/doctor/try-warm.ts';
import type { RunOptions } from '../../src/model/run-options.ts';
import { findPython } from '../../src/translators/python.ts';
import { WorkerTranslator } from '../../src/translators/worker/worker.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'try-warm-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SAY = `import json, sys, time
def say(**message): print(json.dumps(message), flush=True)
`;
const READY = `say(type="ready", protocol=1, translator="tiny", version="3", device="cpu", loadSeconds=0.25)
`;
const COPY = `for line in sys.stdin:
    page = json.loads(line)
    open(page["output"], "wb").write(open(page["input"], "rb").read())
    time.sleep(0.5)
    say(type="done", id=page["id"], outcome="no-text", seconds=0.5)
`;

async function tried(worker: string, onGpu = false) {
  const file = path.join(folder, `${Math.random()}.py`);
  await writeFile(file, worker);
  const { env } = process;
  const python = await findPython(undefined, { env, cwd: folder });
  const translator = new WorkerTranslator({
    file,
    python: python.file,
    args: [],
    cwd: folder,
    format: undefined,
    pythonPath: undefined,
  });
  const options = {
    translatorArgs: [],
    pageTimeoutMs: 30_000,
    startTimeoutMs: 30_000,
  } as unknown as RunOptions;
  const context = { options, env, cwd: folder } as unknown as DoctorContext;
  const gpu = onGpu ? ({ index: 0, vendor: 'nvidia', visibleAs: '0' } as const) : null;
  return tryWarm(translator, { context, slot: { id: onGpu ? 'gpu0-0' : 'cpu-0', gpu } });
}

test('says what loads, where, in how many seconds, and what became of a page', async () => {
  const finding = await tried(SAY + READY + COPY);
  expect(finding.level).toBe('ok');
  expect(finding.text).toContain('tiny 3 loads in 0.3 s on cpu');
  expect(finding.text).toContain('a page: no-text in 0.5 s');
});

test('a worker that stays on the CPU although it was given a GPU is a warning', async () => {
  expect(await tried(SAY + READY + COPY, true)).toMatchObject({
    level: 'warning',
    text: expect.stringContaining('although it was given a GPU'),
  });
});

test('a missing module is named, with what installs it', async () => {
  const finding = await tried('import no_such_module_anywhere');
  expect(finding).toMatchObject({
    level: 'trouble',
    text: expect.stringContaining('no_such_module_anywhere'),
  });
  expect(finding.mend).toContain('pip install');
});

test('a page that comes to nothing is a trouble', async () => {
  const done =
    'page = json.loads(sys.stdin.readline()); say(type="done", id=page["id"], outcome="translated")\n';
  expect(await tried(SAY + READY + done)).toMatchObject({
    level: 'trouble',
    text: expect.stringContaining('it reported the page as done, but there is no file'),
  });
});
