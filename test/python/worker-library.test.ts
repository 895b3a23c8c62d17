import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { tellsOutOfMemory } from '../../src/translators/out-of-memory.ts';
import { OTHER_LINES, OUT_OF_MEMORY_LINES } from '../fixtures/out-of-memory.ts';
import { TINY_PNG } from '../fixtures/trouble.ts';
import { askWorker, BY_LAUNCHER, type Conversation, libraryEnv, PYTHON } from './ask-worker.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'library-'));
  writeFileSync(join(root, 'page.png'), TINY_PNG);
  mkdirSync(join(root, 'modules'));
  return () => rmSync(root, { recursive: true, force: true });
});

/** A worker whose `translate` has this body. */
function workerOf(
  body: string,
  { parameters = 'page_in, page_out', above = '', load = 'None' } = {},
): string {
  const file = join(root, 'my_worker.py');
  const indented = body.replace(/^/gm, '    ');
  const run = `mgpu_worker.run(load=${load}, translate=translate)`;
  writeFileSync(file, `import mgpu_worker\n${above}\ndef translate(${parameters}):\n${indented}\n${run}\n`);
  return file;
}

const TOLD_BY_BATCH_SYSTEM = 'import os, signal\nos.kill(os.getpid(), signal.SIGUSR1)\n';
const COPY = 'import shutil\nshutil.copyfile(page_in, page_out)\n';
const page = (id: string) => ({ id, input: join(root, 'page.png'), output: join(root, 'out', id) });

function ask(worker: string, ids: readonly string[], env: NodeJS.ProcessEnv = BY_LAUNCHER): Conversation {
  const inFull = { ...libraryEnv(join(root, 'modules')), ...env };
  return askWorker([PYTHON, worker], ids.map(page), { env: inFull, cwd: root });
}

function byHand(worker: string, ...args: string[]) {
  return spawnSync(PYTHON, [worker, ...args], {
    env: libraryEnv(join(root, 'modules')),
    cwd: root,
    encoding: 'utf8',
  });
}

test('a signal that a batch system sends to every process ends no page', () => {
  const { said } = ask(workerOf(TOLD_BY_BATCH_SYSTEM + COPY), ['a.png', 'b.png']);
  expect(said.slice(1)).toMatchObject([{ outcome: 'translated' }, { outcome: 'translated' }]);
});

test('a worker that has a use of its own for such a signal keeps it', () => {
  const above =
    'import signal\nsignal.signal(signal.SIGUSR1, lambda *_: print("mine", file=__import__("sys").stderr))';
  const { stderr } = ask(workerOf(TOLD_BY_BATCH_SYSTEM + COPY, { above }), ['a.png']);
  expect(stderr).toBe('mine\n');
});

test('two functions make a worker', () => {
  const above = 'def load():\n    return {"translator": "mine", "version": 3, "device": "cuda:0"}';
  const { said, status } = ask(workerOf(COPY, { above, load: 'load' }), ['ch 1/漫画.png', 'b.png']);
  expect(said).toEqual([
    {
      type: 'ready',
      protocol: 1,
      translator: 'mine',
      version: '3',
      device: 'cuda:0',
      loadSeconds: expect.any(Number),
    },
    { type: 'done', id: 'ch 1/漫画.png', outcome: 'translated', seconds: expect.any(Number) },
    { type: 'done', id: 'b.png', outcome: 'translated', seconds: expect.any(Number) },
  ]);
  expect(readFileSync(join(root, 'out/ch 1/漫画.png'))).toEqual(TINY_PNG);
  expect(status).toBe(0);
});

test('tells stages, outcomes and that no file is right', () => {
  const body = `
assert (page.id, page.width, page.input) == ("a.png", None, page_in)
for stage in ("detection", "ocr", "detection"):
    page.stage(stage)
page.no_output()
return "no-text"`;
  const { said } = ask(workerOf(body, { parameters: 'page_in, page_out, page' }), ['a.png']);
  expect(said.slice(1)).toEqual([
    ...['detection', 'ocr', 'detection'].map((stage) => ({ type: 'stage', id: 'a.png', stage })),
    expect.objectContaining({
      outcome: 'no-text',
      output: null,
      stages: { detection: expect.any(Number), ocr: expect.any(Number) },
    }),
  ]);
});

test('notes go with the page, the first ten', () => {
  const body = `
page.note("two balloons were too small")
for n in range(20):
    page.note(n)`;
  const { said } = ask(workerOf(body, { parameters: 'page_in, page_out, page' }), ['a.png', 'b.png']);
  const notes = ['two balloons were too small', '0', '1', '2', '3', '4', '5', '6', '7', '8'];
  expect(said.slice(1)).toMatchObject([{ notes }, { notes }]);
});

test('a decorated function gets the page too, where it has a place for it', () => {
  const above = `
import functools
def logged(function):
    @functools.wraps(function)
    def call(*args):
        return function(*args)
    return call
@logged`;
  const body = 'assert page.id == "a.png"\nreturn "untranslated"';
  const { said } = ask(workerOf(body, { parameters: 'page_in, page_out, page', above }), ['a.png']);
  expect(said[1]).toMatchObject({ type: 'done', outcome: 'untranslated' });
});

test('a worker that can open no file any more still says what its page met', () => {
  const body = `
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (0, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
raise RuntimeError("too much")`;
  const worker = workerOf(body);
  mkdirSync(join(root, 'out'));
  const { said } = ask(worker, ['a.png']);
  expect(said[1]).toMatchObject({ type: 'failed', reason: 'error', message: 'RuntimeError: too much' });
});

test.each([
  'model, page_in, page_out',
  'net, src, dst',
  'a, in_path, out_path',
  'page',
  'page_in, page_out, page, model',
  'page_in, page_out, *, model',
])('translate(%s) ends the worker before it loads, with the parameters that are right', (parameters) => {
  const load = 'lambda: print("loads")';
  const { said, status, stderr } = ask(workerOf(COPY, { parameters, load }), ['a.png']);
  expect(said).toEqual([]);
  expect(status).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(
      /^translate\(.*\) can't be called: it has to be translate\(page_in, page_out\) or /,
    ),
  ]);
});

test.each([
  'page_in, page_out, p',
  'page_in, page_out, **more',
  '*paths',
  'src, dst, info',
  'page_in, page_out, model=None',
])('translate(%s) is called as it is', (parameters) => {
  const worker = workerOf('pass', { parameters });
  expect(ask(worker, []).said).toMatchObject([{ type: 'ready' }]);
});

test('a third parameter of their own is left alone', () => {
  const body = 'assert quality == 90\nreturn "untranslated"';
  const { said } = ask(workerOf(body, { parameters: 'page_in, page_out, quality=90' }), ['a.png']);
  expect(said[1]).toMatchObject({ type: 'done', outcome: 'untranslated' });
});

test.each([
  ['as the launcher starts it', BY_LAUNCHER],
  ['as anybody does', {}],
])('whoever prints or asks, the pipes stay clean: %s', (_, env) => {
  const body = `
import os, subprocess, sys
print("printed"); os.write(1, b"native\\n"); subprocess.run(["echo", "child"])
try:
    input("a question?")
except EOFError:
    print("no answer")
assert subprocess.run(["cat"], stdout=subprocess.PIPE).stdout == b""
return "no-text"`;
  const { said, stderr } = ask(
    workerOf(body, { above: env === BY_LAUNCHER ? 'print("import")' : '' }),
    ['a.png', 'b.png'],
    env,
  );
  expect(said.map(({ type }) => type)).toEqual(['ready', 'done', 'done']);
  for (const line of ['printed', 'native', 'child', 'no answer']) expect(stderr).toContain(`${line}\n`);
});

const TORCH = `
class OutOfMemoryError(RuntimeError): pass
OutOfMemoryError.__module__ = "torch"
class cuda:
    peak = 7
    is_initialized = staticmethod(lambda: True)
    is_available = staticmethod(lambda: True)
    reset_peak_memory_stats = staticmethod(lambda: setattr(cuda, "peak", 0))
    max_memory_allocated = staticmethod(lambda: cuda.peak)
    memory_allocated = staticmethod(lambda: 3)
    empty_cache = staticmethod(lambda: print("cache emptied"))
`;

test.each([
  ['MemoryError()', 'oom'],
  ['RuntimeError("CUDA out of memory. Tried to allocate 13.42 GiB")', 'oom'],
  ['RuntimeError("HIP out of memory. Tried to allocate 2.00 GiB")', 'oom'],
  ['RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)")', 'oom'],
  [
    'RuntimeError("[enforce fail at alloc_cpu.cpp:75] DefaultCPUAllocator: can\'t allocate memory: you tried to allocate 9 bytes")',
    'oom',
  ],
  [
    'Exception("[ONNXRuntimeError] : 6 : bfc_arena.cc:376 Failed to allocate memory for requested buffer of size 904")',
    'oom',
  ],
  ['type("OutOfMemoryError", (Exception,), {})("cupy")', 'oom'],
  ['OSError(12, "Cannot allocate memory")', 'oom'],
  ['mgpu_worker.OutOfMemory("mine")', 'oom'],
  ['RuntimeError("page failed: FIND was unable to find an engine to execute this computation")', 'oom'],
  ['type("Group", (Exception,), {"exceptions": (ValueError(), MemoryError())})("2 sub-exceptions")', 'oom'],
  ['RuntimeError("failed on out of memory.png")', 'error'],
  ['type("UnidentifiedImageError", (OSError,), {})("page.png")', 'unreadable'],
  ['OSError("image file is truncated (3 bytes not processed)")', 'unreadable'],
  ['OSError("could not create decoder object")', 'unreadable'],
  ['mgpu_worker.Unreadable("no page")', 'unreadable'],
  ['ValueError("429 RESOURCE_EXHAUSTED: too many requests")', 'error'],
  ['OSError(28, "No space left on device")', 'error'],
  ['SystemExit(255)', 'error'],
  ['KeyboardInterrupt()', 'error'],
])('%s fails the page with %s, and the next one comes', (error, reason) => {
  const body = `if page_out.endswith("bad.png"):\n    raise ${error}\nreturn "no-text"`;
  const { said, stderr, status } = ask(workerOf(body), ['bad.png', 'good.png']);
  expect(said.slice(1)).toMatchObject([
    { type: 'failed', id: 'bad.png', reason, message: expect.stringMatching(/\w+/) },
    { type: 'done', id: 'good.png' },
  ]);
  expect(stderr).toContain('Traceback');
  expect(status).toBe(0);
});

test.each([
  ['mgpu_worker.Busy()', { message: 'Busy: the service is busy' }],
  ['mgpu_worker.Busy(retry_after=20)', { retryAfterSeconds: 20 }],
  ['mgpu_worker.Busy("429", retry_after=1.5)', { message: 'Busy: 429', retryAfterSeconds: 1.5 }],
  ['mgpu_worker.Busy(retry_after="20")', { retryAfterSeconds: 20 }],
  ['mgpu_worker.Busy(retry_after=86400)', { retryAfterSeconds: 600 }],
  ['mgpu_worker.Busy(retry_after=None)', {}],
  ['mgpu_worker.Busy(retry_after="Wed, 21 Oct 2026 07:28:00 GMT")', {}],
  ['mgpu_worker.Busy(retry_after=float("nan"))', {}],
  ['mgpu_worker.Busy(retry_after=float("inf"))', {}],
  ['mgpu_worker.Busy(retry_after=-1)', {}],
  ['mgpu_worker.Busy() from MemoryError()', {}],
  ['ValueError("no translation") from mgpu_worker.Busy(retry_after=3)', { retryAfterSeconds: 3 }],
  ['type("MyBusy", (mgpu_worker.Busy,), {})(retry_after=3)', { retryAfterSeconds: 3 }],
])('a service that is busy: %s', (error, told) => {
  const { said } = ask(workerOf(`if page_out.endswith("a.png"):\n    raise ${error}\nreturn "no-text"`), [
    'a.png',
    'b.png',
  ]);
  const common = { type: 'failed', id: 'a.png', reason: 'busy' };
  const varying = { message: expect.any(String), seconds: expect.any(Number) };
  expect(said.slice(1)).toEqual([
    { ...common, ...varying, ...told },
    expect.objectContaining({ id: 'b.png' }),
  ]);
});

test('memory that ran out in the place of a busy service is what it is', () => {
  const body =
    'try:\n    raise mgpu_worker.Busy()\nexcept mgpu_worker.Busy:\n    raise MemoryError("local model")';
  expect(ask(workerOf(body), ['a.png']).said[1]).toMatchObject({ reason: 'oom' });
});

test('the library reads a line as the launcher does', () => {
  const lines = [...OUT_OF_MEMORY_LINES.map(([line]) => line), ...OTHER_LINES];
  const code =
    'import json, sys, mgpu_worker as m; print(json.dumps([m._tells_out_of_memory(line) for line in json.load(sys.stdin)]))';
  const env = libraryEnv();
  const { stdout } = spawnSync(PYTHON, ['-c', code], { env, input: JSON.stringify(lines), encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual(lines.map((line) => tellsOutOfMemory([line])));
});

test("an error that led to another counts, and the message is the last one's", () => {
  const body =
    'try:\n    raise MemoryError("deep")\nexcept MemoryError as error:\n    raise ValueError("lost") from error';
  expect(ask(workerOf(body), ['a.png']).said[1]).toMatchObject({
    reason: 'oom',
    message: 'ValueError: lost',
  });
});

test('torch is not loaded, but asked and relieved where it is', () => {
  writeFileSync(join(root, 'modules/torch.py'), TORCH);
  const above = 'import torch, weakref\nclass Tensor: pass\nheld = []';
  const body = `
if page_out.endswith("oom.png"):
    tensor = Tensor()
    held.append(weakref.ref(tensor))
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
assert held == [] or held[0]() is None
torch.cuda.peak += 5
return "no-text"`;
  const { said, stderr } = ask(workerOf(body, { above }), ['a.png', 'b.png', 'oom.png', 'c.png']);
  expect(said).toMatchObject([
    { type: 'ready', device: 'cuda:0', memoryBytes: 3 },
    { type: 'done', peakMemoryBytes: 5 },
    { type: 'done', peakMemoryBytes: 5 },
    { reason: 'oom', message: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB' },
    { type: 'done', peakMemoryBytes: 5 },
  ]);
  expect(stderr.match(/cache emptied/g)).toHaveLength(1);
});

test('what translate returns by mistake fails the page by name', () => {
  expect(ask(workerOf('return page_out'), ['a.png']).said[1]).toMatchObject({
    reason: 'error',
    message: expect.stringMatching(/translate\(\) returned '.*a.png'/),
  });
});

test('a load that fails ends the worker with its traceback', () => {
  const { said, stderr, status } = ask(workerOf(COPY, { load: 'lambda: 1 / 0' }), ['a.png']);
  expect({ said, status }).toEqual({ said: [], status: 1 });
  expect(stderr).toContain('ZeroDivisionError');
});

test.each(['C', 'POSIX', 'C.UTF-8'])('a locale of %s changes no name', (locale) => {
  const env = { ...BY_LAUNCHER, LC_ALL: locale, PYTHONUTF8: '0', PYTHONCOERCECLOCALE: '0' };
  const { said } = ask(workerOf(`print(page_out)\n${COPY}`), ['漫画/第１話 🎌.png'], env);
  expect(said[1]).toMatchObject({ type: 'done', id: '漫画/第１話 🎌.png' });
  expect(existsSync(join(root, 'out/漫画/第１話 🎌.png'))).toBe(true);
});

test('Ctrl-C is left to the launcher', () => {
  const body = `import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n${COPY}`;
  const { said, status } = ask(workerOf(body), ['a.png']);
  expect({ said, status }).toMatchObject({ said: [{ type: 'ready' }, { type: 'done' }], status: 0 });
});

test('lines of several threads stay whole', () => {
  const body = `
import threading
def tell():
    for n in range(200):
        page.stage("s" * 300)
threads = [threading.Thread(target=tell) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
return "no-text"`;
  const { said } = ask(workerOf(body, { parameters: 'page_in, page_out, page' }), ['a.png']);
  expect(said.filter(({ type }) => type === 'stage')).toHaveLength(800);
  expect(said.at(-1)).toMatchObject({ type: 'done' });
  expect(said).toHaveLength(802);
});

test('a child that loads the library keeps its own output', () => {
  const body = `
import subprocess, sys
said = subprocess.check_output([sys.executable, "-c", "import mgpu_worker; print('from a child')"])
assert b"from a child" in said
return "no-text"`;
  expect(ask(workerOf(body), ['a.png']).said[1]).toMatchObject({ type: 'done' });
});

test('tried by hand on one page it says what it did', () => {
  const worker = workerOf(`page.stage("ocr")\n${COPY}`, { parameters: 'page_in, page_out, page' });
  const { stdout, status } = byHand(worker, 'page.png', 'new/folder/out.png');
  expect(stdout).toMatch(
    /my_worker \(version unknown\)[\s\S]*ocr: [\d.]+ s[\s\S]*translated in [\d.]+ s[\s\S]*Wrote new\/folder\/out.png, \d+ bytes/,
  );
  expect(status).toBe(0);
  expect(readFileSync(join(root, 'new/folder/out.png'))).toEqual(TINY_PNG);
});

test.each([
  ['raise mgpu_worker.Unreadable("no page")', ['page.png', 'out.png'], 1, 'unreadable'],
  ['raise mgpu_worker.Busy("429")', ['page.png', 'out.png'], 1, '(busy): Busy: 429'],
  ['pass', ['page.png', 'out.png'], 1, 'nothing was written to out.png'],
  [COPY, ['missing.png', 'out.png'], 2, 'no file missing.png'],
])('tried by hand it tells failures by its exit code: %s', (body, args, code, words) => {
  const { stdout, stderr, status } = byHand(workerOf(body), ...args);
  expect(stdout + stderr).toContain(words);
  expect(status).toBe(code);
});
