import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { eventually } from './process.ts';
import { Place } from './rig.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

/** What the programs print. */
interface Said {
  readonly types: readonly string[];
  readonly pages: readonly string[];
  readonly counts: unknown;
  readonly exitCode: unknown;
  readonly said: unknown;
}

/** Runs a program that imports the package, as one that has installed it. */
const program = async (place: Place, code: string): Promise<Said> => {
  await mkdir(place.path('node_modules'), { recursive: true });
  await symlink(ROOT, place.path('node_modules/mgpu-translate')).catch(() => {});
  await place.write('program.mjs', code);
  const { stdout } = await run(process.execPath, ['program.mjs'], {
    cwd: place.root,
    env: {
      PATH: `${place.path('bin')}:${process.env.PATH}`,
      HOME: place.root,
      FAKE_SOCKET: place.path('socket'),
    },
  });
  return JSON.parse(stdout);
};

test('a program translates pages with the demo and follows each event', async () => {
  const place = await Place.make({ pages: ['ch1/1.png', 'ch1/2.png', 'ch2/1.png'] });
  const said = await program(
    place,
    `import { translatePages } from 'mgpu-translate';
    const run = translatePages({ input: 'input', translator: 'demo', gpus: [0, 1] });
    const types = [];
    const pages = [];
    for await (const event of run) {
      types.push(event.type);
      if (event.type === 'page-finished') pages.push(event.page);
    }
    const summary = await run.summary;
    console.log(JSON.stringify({ types, pages, counts: summary.counts, exitCode: summary.exitCode }));`,
  );
  expect(said.counts).toMatchObject({ translated: 3, failed: 0, left: 0 });
  expect(said.exitCode).toBe(0);
  expect(said.types[0]).toBe('run-started');
  expect(said.types.at(-1)).toBe('run-finished');
  expect(said.pages.toSorted()).toEqual(['ch1/1.png', 'ch1/2.png', 'ch2/1.png']);
});

test('a signal stops a run in good order, and the command line goes on from there', async () => {
  const place = await Place.make({ pages: ['1.png', '2-ask.png', '3-ask.png', '4.png'], gpus: 1 });
  const saying = program(
    place,
    `import { writeFileSync } from 'node:fs';
    import { translatePages } from 'mgpu-translate';
    const stop = new AbortController();
    const run = translatePages({ input: 'input', retries: 0 }, { signal: stop.signal });
    for await (const event of run) {
      if (event.type !== 'page-finished') continue;
      stop.abort();
      writeFileSync('aborted', '');
    }
    const { counts, exitCode } = await run.summary;
    console.log(JSON.stringify({ counts, exitCode }));`,
  );
  const second = await place.fakes.asking('2-ask.png');
  await eventually(() => stat(place.path('aborted')));
  second.order('finish');
  const said = await saying;
  expect(said.exitCode).toBe(130);
  expect(said.counts).toMatchObject({ translated: 2, failed: 0, left: 2 });

  const launcher = place.start({ plan: { '*': 'none' } });
  expect(await launcher.exit).toBe(0);
  const [finished] = launcher.of('run-finished');
  expect(finished?.counts).toMatchObject({ skipped: 2, translated: 2 });
});

test('a signal before the run has begun ends it with the same exit code; nothing is written', async () => {
  const place = await Place.make();
  await place.write('bin/nvidia-smi', '#!/bin/sh\nsleep 1000\n');
  const said = await program(
    place,
    `import { existsSync } from 'node:fs';
    import { translatePages } from 'mgpu-translate';
    const stop = new AbortController();
    const run = translatePages({ input: 'input' }, { signal: stop.signal });
    const events = [];
    setImmediate(() => stop.abort());
    for await (const event of run) events.push(event.type);
    const { exitCode, counts } = await run.summary;
    console.log(JSON.stringify({ events, exitCode, left: counts.left, isThere: existsSync('input-translated') }));`,
  );
  expect(said).toEqual({ events: ['run-finished'], exitCode: 130, left: 0, isThere: false });
});

test('a wrong option is refused with its name, to those who iterate and to those who wait', async () => {
  const place = await Place.make();
  const said = await program(
    place,
    `import { Refusal, translatePages } from 'mgpu-translate';
    const said = [];
    const tell = (error) => said.push([error instanceof Refusal, error.exitCode, error.message]);
    await translatePages({ input: 'input', pageTimeout: '10' }).summary.catch(tell);
    try { for await (const event of translatePages({ inputs: 'input' })); } catch (error) { tell(error); }
    await translatePages({ input: 'nowhere' }).summary.catch(tell);
    console.log(JSON.stringify({ said }));`,
  );
  expect(said.said).toEqual([
    [true, 2, expect.stringContaining('pageTimeout is 10: a duration needs a unit')],
    [true, 2, expect.stringContaining('inputs: no such option; did you mean input?')],
    [true, 2, expect.stringContaining('input nowhere does not exist')],
  ]);
});

test('the types serve a program that knows nothing but the package', async () => {
  const place = await Place.make();
  const installed = place.path('node_modules/mgpu-translate');
  await mkdir(path.join(installed, 'dist'), { recursive: true });
  await cp(path.join(ROOT, 'dist/types'), path.join(installed, 'dist/types'), { recursive: true });
  await cp(path.join(ROOT, 'package.json'), path.join(installed, 'package.json'));
  await place.write('package.json', '{ "type": "module" }');
  const consumer = path.join(ROOT, 'test/fixtures/library-consumer.ts.txt');
  await writeFile(place.path('consumer.ts'), await readFile(consumer));
  const types = ['--types', 'node', '--typeRoots', path.join(ROOT, 'node_modules/@types')];
  const { stdout } = await run(
    path.join(ROOT, 'node_modules/.bin/tsc'),
    ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', ...types, 'consumer.ts'],
    { cwd: place.root },
  ).catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
});
