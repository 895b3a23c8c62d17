import { readFile, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { readTranslateOptions, type TranslateOptions } from '../../src/library/translate-options.ts';
import type { RunEvent } from '../../src/model/events.ts';
import { Stop } from '../../src/model/stop.ts';
import type { RunSummary } from '../../src/report/summary-schema.ts';
import { translatePages } from '../../src/run/translate-pages.ts';
import { eventually } from '../e2e/process.ts';
import { Place } from '../e2e/rig.ts';

const LOCK = 'input-translated/.mgpu/lock';

/** A run in this process: the command's heart beats too seldom to be waited for. */
interface Going {
  readonly events: readonly RunEvent[];
  readonly stop: Stop;
  readonly summary: Promise<RunSummary>;
}

function start(
  place: Place,
  plan: Readonly<Record<string, string>> = {},
  { options = {}, report }: { options?: Partial<TranslateOptions>; report?: (event: RunEvent) => void } = {},
): Going {
  const env = {
    PATH: `${place.path('bin')}:${process.env.PATH}`,
    FAKE_SOCKET: place.path('socket'),
    FAKE_ATTEMPTS_DIR: place.path('attempts'),
    FAKE_PLAN: JSON.stringify(plan),
  };
  const where = { cwd: place.root, env };
  const events: RunEvent[] = [];
  const stop = new Stop();
  const summary = translatePages(readTranslateOptions({ input: 'input', ...options }, where), {
    ...where,
    stdin: Readable.from([]),
    stop,
    report: (event) => {
      events.push(event);
      report?.(event);
    },
    heartbeatMs: 20,
    childEnding: { doneAfterMs: 200, endWithinMs: 300 },
  });
  onTestFinished(async () => {
    stop.insist('SIGINT');
    await summary;
  });
  return { events, stop, summary };
}

test('tells again and again how busy the chosen cards are, while pages are at work', async () => {
  const place = await Place.make({ pages: ['1-ask.png'], gpus: 2 });
  // Busier each time that it is asked, and it answers with the fields that it is asked for.
  const script = [
    '#!/bin/sh',
    `cd '${place.root}'`,
    'echo >> calls; busy=$(wc -l < calls)',
    'case $1 in *mig*) mig=", [N/A]" ;; esac',
    ...[0, 1].map((index) => `echo "${index}, GPU-${index}, Fake, 16384, ${6000 + index}, $busy$mig"`),
  ];
  await place.write('bin/nvidia-smi', `${script.join('\n')}\n`);
  const run = start(place);
  const asking = await place.fakes.asking('1-ask.png');
  const samples = () => run.events.filter((event) => event.type === 'gpu-sampled');
  await eventually(() => expect(samples().length).toBeGreaterThanOrEqual(4));
  asking.order('finish');
  expect((await run.summary).exitCode).toBe(0);

  const [first, second, third, fourth] = samples();
  const MIB = 1024 * 1024;
  expect(first).toMatchObject({ gpu: 0, memoryUsedBytes: 10384 * MIB });
  expect(second).toMatchObject({ gpu: 1, memoryUsedBytes: 10383 * MIB, utilisation: first?.utilisation });
  expect(third).toMatchObject({ gpu: 0 });
  expect(third?.utilisation).toBeCloseTo((first?.utilisation ?? 0) + 0.01);
  expect(fourth).toMatchObject({ gpu: 1, utilisation: third?.utilisation });
  expect(run.events.at(-1)?.type).toBe('run-finished');
});

test('a run that loses its lock finishes the page in flight, begins no other, and leaves the lock alone', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png', '4.png'], gpus: 1 });
  const run = start(place, { '2.png': 'ask', '3.png': 'hang' });
  const asking = await place.fakes.asking('2.png');
  const ours = JSON.parse(await readFile(place.path(LOCK), 'utf8'));
  const others = `${JSON.stringify({ ...ours, host: 'elsewhere', run: 'another' })}\n`;
  await rm(place.path(LOCK));
  await place.write(LOCK, others);
  await eventually(() => expect(run.stop.drain.aborted).toBe(true));
  // It may take long until the page is done: why nothing new begins is told before.
  const told = expect.stringMatching(/no longer this run's.*. Stopping after the pages in progress/);
  await eventually(() => expect(run.events).toContainEqual(expect.objectContaining({ text: told })));
  asking.order('finish');

  const summary = await run.summary;
  expect(summary.exitCode).toBe(3);
  expect(summary.counts).toMatchObject({ translated: 2, failed: 0, left: 2 });
  expect(summary.message).toMatch(
    /^the lock of .+input-translated is no longer this run's: .+ or it was removed\n.+to resume/,
  );
  expect(await readFile(place.path(LOCK), 'utf8')).toBe(others);
});

test('that the records can’t be written is told before the end, and nothing after it', async () => {
  const place = await Place.make({ pages: ['1.png'], gpus: 1 });
  await place.write('input-translated/.mgpu/runs', 'no folder');
  const run = start(place);
  expect((await run.summary).exitCode).toBe(0);
  const told = expect.stringMatching(/^Can't write logs any more: /);
  expect(run.events).toContainEqual(expect.objectContaining({ type: 'notice', text: told }));
  expect(run.events.at(-1)?.type).toBe('run-finished');
});

test('a signal after the end is no event', async () => {
  const place = await Place.make({ pages: ['1.png'], gpus: 1 });
  const run = start(place, {}, { report: ({ type }) => type === 'run-finished' && run.stop.ask('SIGINT') });
  await run.summary;
  expect(run.events.at(-1)?.type).toBe('run-finished');
});

test('a note of --overwrite all that can’t be removed costs no page and no event', async () => {
  const place = await Place.make({ pages: ['1.png'], gpus: 1 });
  const run = start(place, { '1.png': 'ask' }, { options: { overwrite: 'all' } });
  const asking = await place.fakes.asking('1.png');
  const note = 'input-translated/.mgpu/overwrite.json';
  await rm(place.path(note));
  await place.write(`${note}/in-the-way`, '');
  asking.order('finish');
  expect(await run.summary).toMatchObject({ exitCode: 0, counts: { translated: 1 } });
  const told = expect.stringContaining('something else has that name');
  expect(run.events).toContainEqual(expect.objectContaining({ type: 'notice', text: told }));
  const file = `input-translated/.mgpu/runs/${(await run.summary).run}/events.ndjson`;
  const lines = (await readFile(place.path(file), 'utf8')).trim().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'run-finished', exitCode: 0 });
});

test('scripts that hang once their pages are made cost no page and no GPU, and are told of once', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', '3.png', '4.png'], gpus: 2 });
  const script = `cp -rL "$1"/* "$2"; for f in "$2"/*; do echo >> "$f"; done; sleep 600`;
  await place.write('hang.sh', `#!/bin/sh\n${script}\n`);
  const run = start(place, {}, { options: { command: 'sh hang.sh {input} {output}' } });
  const { exitCode, counts } = await run.summary;
  expect({ exitCode, translated: counts.translated }).toEqual({ exitCode: 0, translated: 4 });
  const types = run.events.map(({ type }) => type);
  expect(types).not.toContain('page-retried');
  expect(types).not.toContain('gpu-benched');
  const told = run.events.filter((event) => event.type === 'notice' && event.text.includes('did not exit'));
  expect(told).toHaveLength(1);
});
