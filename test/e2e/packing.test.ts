import { expect, test } from 'vitest';
import { checkAccounts } from './accounts.ts';
import { type Launcher, Place } from './rig.ts';
import { pagesTo, startWarm, warmPlace } from './warm.ts';

/** More pages than are ever come to: how fast a busy machine is decides nothing. */
const PAGES = pagesTo(600);
const env = { FAKE_PAGE_SECONDS: '0.03' };

/** Ends a run, in which no page has failed or was tried twice. */
async function endWell(launcher: Launcher): Promise<void> {
  launcher.kill('SIGINT');
  expect(await launcher.exit).toBe(130);
  expect(launcher.of('page-retried')).toEqual([]);
  expect(launcher.of('run-finished')[0]?.counts).toMatchObject({ failed: 0 });
}

test('-w auto lets workers join while that makes pages come faster, and says so', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 0 });
  const launcher = startWarm(place, { args: ['--gpus', 'cpu', '-w', 'auto'], env });
  await launcher.event('packing-changed');
  expect(launcher.of('run-started')[0]).toMatchObject({ slots: ['cpu-0'], strategy: 'dynamic' });
  expect(launcher.of('slot-joined')[0]).toMatchObject({
    slot: 'cpu-1',
    device: 'cpu',
    gpu: null,
    why: 'trying a second worker on the CPU',
  });
  expect(launcher.of('worker-ready').map(({ slot }) => slot)).toContain('cpu-1');
  await endWell(launcher);
});

test('-w auto on cards that hold one worker: the second that does not start costs no page', async () => {
  const place = await warmPlace({ pages: PAGES, gpus: 2 });
  const cards = [0, 1].map((card) => `echo "${card}, GPU-${card}, Fake, 16384, 16000, 0$mig"`);
  const answer = ['#!/bin/sh', 'case $1 in *mig*) mig=", [N/A]" ;; esac', ...cards];
  await place.write('bin/nvidia-smi', `${answer.join('\n')}\n`);
  const args = ['-w', 'auto', '--retries', '0'];
  const launcher = startWarm(place, { args, env: { ...env, FAKE_MOST_PER_GPU: '1' } });
  const told = await launcher.event('packing-changed');
  expect(told).toMatchObject({ workers: 1, why: expect.stringMatching(/^worker 2 did not start/) });
  const joined = launcher.of('slot-joined').map(({ slot }) => slot);
  expect(joined).toEqual(['gpu0-1', 'gpu1-1']);
  await launcher.event('slot-retired', ({ slot, by }) => slot === 'gpu0-1' && by === 'packing');
  await launcher.event('slot-retired', ({ slot, by }) => slot === 'gpu1-1' && by === 'packing');
  await endWell(launcher);
});

test('-w auto with a script that loads for each batch stays at one worker, and says so', async () => {
  const place = await Place.make({ pages: pagesTo(4), gpus: 1 });
  const run = await checkAccounts(place, place.start({ args: ['-w', 'auto'] }), {});
  expect(run.counts.translated).toBe(4);
  expect(run.launcher.of('run-started')[0]).toMatchObject({ slots: ['gpu0-0'], strategy: 'even' });
  expect(run.launcher.of('notice').map(({ text }) => text)).toContainEqual(
    expect.stringContaining('stays at one worker a GPU'),
  );
});
