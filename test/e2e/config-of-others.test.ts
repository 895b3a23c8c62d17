import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { png } from '../fixtures/images.ts';
import { Place } from './rig.ts';

const CONFIG = 'mgpu-translate.config.json';

/** A place whose config file names a program that leaves a trace, and a folder in it to work in. */
async function planted(): Promise<{ place: Place; inBelow: string[] }> {
  const place = await Place.make({ script: false });
  await place.write('below/input/1.png', png(8, 8));
  await place.write('planted.sh', '#!/bin/sh\n: > "$0.ran"\n');
  await chmod(place.path('planted.sh'), 0o755);
  await place.write(CONFIG, JSON.stringify({ command: `${place.path('planted.sh')} {input} {output}` }));
  return { place, inBelow: ['sh', '-c', 'cd below && exec "$@"', 'sh'] };
}

test('a config file above that others may write runs nothing, and the refusal says why', async () => {
  const { place, inBelow } = await planted();
  await chmod(place.path(CONFIG), 0o666);
  const notice = `Ignoring ${place.path(CONFIG)}: other users can write to it. To use it anyway: --config ${place.path(CONFIG)}`;
  for (const argv of [['run', 'input', '--json'], ['run'], ['plan', 'input']]) {
    const launcher = place.start({ through: inBelow, argv });
    expect(await launcher.exit).toBeGreaterThanOrEqual(2);
    expect(launcher.stderr).toMatch(/^error: no (translator was found|input)/);
    expect(launcher.stderr).toContain(`\n  | ${notice}\n`);
  }
  for (const command of ['run', 'plan']) {
    const printing = place.start({ through: inBelow, argv: [command, '--print-config', '--json'] });
    expect(await printing.exit).toBe(0);
    expect(printing.stderr).toBe(`warning: ${notice}\n`);
  }
  const demo = place.start({ through: inBelow, argv: ['run', 'input', '--json', '-t', 'demo'] });
  expect(await demo.exit).toBe(0);
  expect(demo.of('notice')).toContainEqual(expect.objectContaining({ level: 'warn', text: notice }));
  expect(await readdir(place.root)).not.toContain('planted.sh.ran');

  const named = place.start({
    through: inBelow,
    argv: ['run', 'input', '--json', '-o', 'other', '--config', `../${CONFIG}`],
  });
  await named.exit;
  expect(await readdir(place.root)).toContain('planted.sh.ran');
});

test.each(['', 'below/'])('a FIFO named as a config file in ./%s holds no command up', async (folder) => {
  const { place, inBelow } = await planted();
  await mkdir(place.path('below'), { recursive: true });
  execFileSync('sh', ['-c', 'rm -f "$0" && mkfifo "$0"', place.path(`${folder}${CONFIG}`)]);
  if (folder !== '') await chmod(place.path(CONFIG), 0o666);
  for (const [argv, code] of [
    [['run', 'input', '-t', 'demo', '--json'], 0],
    [['plan', 'input', '-t', 'demo'], 0],
    [['doctor', 'input', '-t', 'demo'], 0],
    [['run', 'input', '-t', 'demo', '--config', place.path(`${folder}${CONFIG}`)], 2],
  ] as const) {
    const launcher = place.start({ through: inBelow, argv });
    expect(await launcher.exit, argv.join(' ')).toBe(code);
    const said = launcher.stderr + launcher.text.join('\n') + JSON.stringify(launcher.events);
    expect(said).toContain('it is a FIFO, not a regular file');
  }
});
