import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { Place } from './rig.ts';

const STATE = 'input-translated/.mgpu';
const TEST_MS = 20_000;

/** A place in whose output somebody has put something else where a file of ours belongs. */
async function placeWith(names: string | readonly string[], command: string): Promise<Place> {
  const place = await Place.make({ gpus: 1 });
  await mkdir(place.path(`${STATE}/runs/2026-01-02T03-04-05-678-abcd`), { recursive: true });
  for (const name of [names].flat()) execFileSync('sh', ['-c', command, place.path(`${STATE}/${name}`)]);
  return place;
}
const EVENTS = 'runs/2026-01-02T03-04-05-678-abcd/events.ndjson';
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  run: ['run', 'input', '--overwrite', 'all', '--json'],
  plan: ['plan', 'input', '--overwrite', 'all', '--json'],
  doctor: ['doctor', 'input', '--json'],
  report: ['report', 'input-translated', '--json'],
};

// Those that end no command are there together.
test.each<[string[], Partial<Record<'run' | 'plan' | 'doctor' | 'report', 0 | 3>>]>([
  [['ledger.ndjson'], { run: 3, plan: 3, doctor: 0, report: 3 }],
  [['ledger.2-of-3.ndjson'], { run: 3, plan: 3, doctor: 0, report: 3 }],
  [['lock'], { run: 3, plan: 0, doctor: 3, report: 3 }],
  [['lock.1-of-2'], { run: 3, plan: 0, doctor: 3, report: 3 }],
  [['lock-gate'], { run: 3 }],
  [['lock-gate', 'overwrite.json', 'overwrite.json.part', EVENTS], { plan: 0, doctor: 0 }],
  [['lock-gate', 'overwrite.json', 'overwrite.json.part'], { report: 0 }],
  [['overwrite.json', 'overwrite.json.part', EVENTS], { run: 0 }],
  [[EVENTS], { report: 3 }],
])('a FIFO named %s holds no command up', { timeout: TEST_MS }, async (names, codes) => {
  // A run changes what the next command finds.
  const [reader, runner] = [await placeWith(names, 'mkfifo "$0"'), await placeWith(names, 'mkfifo "$0"')];
  for (const [command, code] of Object.entries(codes)) {
    const launcher = (command === 'run' ? runner : reader).start({ argv: COMMANDS[command] ?? [] });
    expect(await launcher.exit, `${command}: ${launcher.stderr}`).toBe(code);
    expect(launcher.stderr).not.toContain('bug');
    const said = launcher.stderr + JSON.stringify(launcher.events);
    if (code === 3)
      expect(said, command).toMatch(new RegExp(`${names[0]}.{0,60}: it is a FIFO, not a regular file`));
  }
});

test.each([
  ['overwrite.json', 3],
  ['overwrite.json.part', 3],
  ['ledger.ndjson', 3],
  ['lock', 3],
  ['lock-gate', 3],
  ['work', 0],
])('a folder named %s is no bug', { timeout: TEST_MS }, async (name, code) => {
  const place = await placeWith(name, 'mkdir -p "$0/full"');
  const launcher = place.start({ argv: COMMANDS['run'] ?? [] });
  expect(await launcher.exit, launcher.stderr).toBe(code);
  const said = launcher.stderr + JSON.stringify(launcher.events);
  expect(said).not.toContain('bug');
  if (code === 3) expect(said).toContain(`${STATE}/${name}`);
});

test.each(['ledger.ndjson', 'lock'])('a link named %s is not written through', async (name) => {
  const place = await placeWith(name, 'ln -s "$0".target "$0"');
  await writeFile(place.path(`${STATE}/${name}.target`), '');
  const launcher = place.start();
  expect(await launcher.exit).toBe(3);
  expect(launcher.stderr + JSON.stringify(launcher.events)).toContain('it is a link, not a regular file');
  expect(await readFile(place.path(`${STATE}/${name}.target`), 'utf8')).toBe('');
});

test('a ledger that names as many parts as there are atoms is nobody’s', async () => {
  const place = await placeWith(`ledger.1-of-1${'0'.repeat(23)}.ndjson`, ': > "$0"');
  const report = place.start({ argv: ['report', 'input-translated', '--json'] });
  expect(await report.exit).toBe(0);
  expect(await readdir(place.path(STATE))).toHaveLength(2);
});
