import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { RunSummary } from '../../src/report/summary-schema.ts';
import { stopping } from './process.ts';
import { type Launcher, Place, type StartSetup } from './rig.ts';

const COMMAND = `sh -c 'cat > told.json; echo "$@"' sh told {exitCode} {translated} {failed} {left} {output}`;

async function told(
  place: Place,
  setup: StartSetup & { readonly whileAtWork?: (launcher: Launcher) => Promise<void> },
) {
  const { whileAtWork, ...rest } = setup;
  const launcher = place.start(rest);
  await whileAtWork?.(launcher);
  const code = await launcher.exit;
  expect(launcher.text).toEqual([]);
  const summary: RunSummary = JSON.parse(await readFile(place.path('told.json'), 'utf8'));
  return { code, stderr: launcher.stderr, summary };
}

test('--on-finish is called after every end of a run, with the summary, and changes no exit code', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png', 'fail.png'], gpus: 1 });
  const output = place.path('input-translated');
  const env = { MGPU_ON_FINISH: COMMAND };

  const stopped = await told(place, {
    env,
    plan: { '1.png': 'ask-half', '2.png': 'hang' },
    whileAtWork: async (launcher) => {
      const asking = await place.fakes.asking('1.png');
      launcher.kill('SIGTERM');
      await stopping(launcher);
      asking.order('finish');
    },
  });
  expect(stopped.code).toBe(143);
  expect(stopped.stderr).toBe(`told 143 1 0 2 ${output}\n`);
  expect(stopped.summary).toMatchObject({
    exitCode: 143,
    counts: { translated: 1, left: 2 },
    paths: { output },
  });

  const failing = { 'fail.png': 'empty' };
  const failed = await told(place, {
    args: ['--retries', '0', '--on-finish', `${COMMAND.replace('echo', 'echo bad; exit 9; echo')}`],
    env,
    plan: failing,
  });
  expect(failed.code).toBe(1);
  expect(failed.stderr).toBe('bad\nwarning: --on-finish: sh ended with exit code 9\n');
  expect(failed.summary).toMatchObject({ exitCode: 1, counts: { translated: 1, failed: 1, skipped: 1 } });
  expect(failed.summary.failures).toMatchObject([{ count: 1 }]);

  const refused = await told(place, { args: ['--python', '/nosuch'], env });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(/^error: --python \/nosuch: no such program\nhint: .*\ntold 3 0 0 0 \n$/);
  expect(refused.summary).toMatchObject({ exitCode: 3, message: expect.stringContaining('/nosuch') });
});
