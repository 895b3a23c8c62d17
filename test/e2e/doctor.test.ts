import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { type Diagnosis, diagnosisSchema, type Finding } from '../../src/doctor/finding.ts';
import { snapshot } from './process.ts';
import { Place } from './rig.ts';

const doctor = async (
  place: Place,
  args: readonly string[] = ['input'],
  env = {},
): Promise<Diagnosis & { code: number | string; of: (check: string) => Finding[] }> => {
  const launcher = place.start({ argv: ['doctor', '--json', ...args], env });
  const code = await launcher.exit;
  const diagnosis = diagnosisSchema.parse(launcher.events[0]);
  return { ...diagnosis, code, of: (check) => diagnosis.findings.filter((one) => one.check === check) };
};

test('a place where all is well: exit 0, and nothing is left behind', async () => {
  const place = await Place.make({ pages: ['1.png', '2.png'], script: false });
  await place.write('input/vol 1.cbr', '');
  const before = await snapshot(place.root);
  const { code, canStart, of, findings } = await doctor(place, ['input', '-t', 'demo']);
  expect(await snapshot(place.root)).toEqual(before);
  expect(findings.filter(({ level }) => level === 'trouble')).toEqual([]);
  expect({ code, canStart }).toEqual({ code: 0, canStart: true });
  expect(of('Node')[0]?.text).toContain(process.version);
  expect(of('Python')[0]).toMatchObject({
    level: 'ok',
    text: expect.stringMatching(/^3\.\d+\.\d+, .*PATH$/),
  });
  expect(of('translator')[0]).toMatchObject({
    level: 'ok',
    text: 'demo: given by --translator demo; it starts (--help works)',
  });
  expect(of('GPUs')[0]?.text).toBe('--gpus auto uses 0 (Fake), 1 (Fake), listed by nvidia-smi');
  expect(of('input')[0]?.text).toMatch(/input: read 2 pages, .*\/s/);
  expect(of('input')[1]).toMatchObject({
    level: 'warning',
    text: expect.stringMatching(/Not read: 1 \.cbr \(unar 'vol 1\.cbr'\)/),
  });
  expect(of('output')[0]?.text).toMatch(/input-translated \(does not exist yet\): writes .*\/s, .* free/);
  expect(of('links')[0]?.level).toBe('ok');
});

test('a script that does not start: with which words, and what installs the missing module', async () => {
  const place = await Place.make({ script: false });
  await place.write('translate.py', 'import sys\nimport no_such_module_here\n');
  const { code, of } = await doctor(place);
  expect(code).toBe(3);
  const [found] = of('translator');
  expect(found?.level).toBe('trouble');
  expect(found?.text).toContain("ModuleNotFoundError: No module named 'no_such_module_here'");
  expect(found?.mend).toMatch(/python3? -m pip install no_such_module_here$/);

  await place.write('requirements.txt', 'x\n');
  expect((await doctor(place)).of('translator')[0]?.mend).toMatch(/pip install -r requirements\.txt$/);
});

test('a script that may not know --help is compiled, and not started', async () => {
  const place = await Place.make({ script: false });
  const hardCoded = 'import os\nfor name in os.listdir("input"):\n    open("done", "w").close()\n';
  await place.write('translate.py', hardCoded);
  await place.write('positional.py', `import sys\nsource, target = sys.argv[1], sys.argv[2]\n${hardCoded}`);
  const [own] = (await doctor(place)).of('translator');
  expect(own).toMatchObject({
    level: 'ok',
    text: expect.stringMatching(/it compiles; not started, as it may/),
  });
  const command = await doctor(place, ['input', '--command', 'python3 positional.py {input} {output}']);
  expect(command.code).toBe(0);
  expect(command.of('translator')[0]).toMatchObject({ level: 'ok' });
  expect((await readdir(place.root)).filter((name) => name === 'done' || name === '__pycache__')).toEqual([]);
  await place.write('broken.py', 'for name in\n');
  expect((await doctor(place, ['input', '-t', 'broken.py'])).of('translator')[0]).toMatchObject({
    level: 'trouble',
    text: expect.stringMatching(/it does not start: SyntaxError: .*broken\.py, line 1/),
  });
});

test('the program of a --command that fails on --help is a note, as a run starts it otherwise', async () => {
  const place = await Place.make({ script: false });
  const source = 'import argparse, sys\nsys.argv[2]\nargparse.ArgumentParser().parse_args()\n';
  await place.write('two.py', source);
  const command = await doctor(place, ['input', '--command', 'python3 two.py {input} {output}']);
  expect(command.code).toBe(0);
  expect(command.of('translator')[0]).toMatchObject({
    level: 'unchecked',
    text: expect.stringMatching(/--help ends with exit code 1: IndexError/),
  });
});

test('no translator, no GPU, no Python: each a trouble with what mends it', async () => {
  const place = await Place.make({ gpus: 0, script: false });
  const { code, of } = await doctor(place, ['input', '--python', '/no/python']);
  expect(code).toBe(3);
  expect(of('Python')[0]).toMatchObject({ level: 'trouble', text: expect.stringContaining('/no/python') });
  expect(of('translator')[0]).toMatchObject({ level: 'trouble' });
  expect(of('GPUs')[0]).toMatchObject({
    level: 'trouble',
    text: expect.stringContaining('no GPU was found'),
    mend: expect.stringContaining('--gpus cpu'),
  });
});

test('what the chosen Python’s torch sees, where it has torch', async () => {
  const place = await Place.make();
  const torch = (devices: number): string =>
    `__version__ = "2.9.0+cpu"\nclass cuda:\n  device_count = staticmethod(lambda: ${devices})\n  get_device_name = staticmethod(lambda n: "Fake")\n`;
  await place.write('modules/torch.py', torch(0));
  const env = { PYTHONPATH: place.path('modules') };
  const [blind] = (await doctor(place, ['input'], env)).of('torch');
  expect(blind).toMatchObject({
    level: 'warning',
    text: '2.9.0+cpu sees no GPU, a run would use 2: it was built for the CPU only',
    mend: expect.stringContaining('pip install --force-reinstall torch'),
  });
  await place.write('modules/torch.py', torch(2));
  expect((await doctor(place, ['input'], env)).of('torch')[0]).toMatchObject({
    level: 'ok',
    text: '2.9.0+cpu sees Fake, Fake',
  });
});

test('stale locks and leftovers are warnings, a run that goes on is a trouble', async () => {
  const place = await Place.make();
  const state = place.path('input-translated/.mgpu');
  await mkdir(`${state}/work/gpu0-0/1/in`, { recursive: true });
  const holder = { bootId: 'of-another-boot', pidNamespace: null, startTime: null, run: 'r', pid: 1 };
  const lock = JSON.stringify({ ...holder, host: hostname(), since: '2025-01-02T03:04:05.000Z' });
  await writeFile(`${state}/lock`, lock);
  const held = await doctor(place);
  expect(held.code).toBe(3);
  expect(held.of('earlier runs')).toMatchObject([
    { level: 'trouble', text: expect.stringContaining('in use by process 1 on') },
  ]);
  await utimes(`${state}/lock`, 1, 1);
  const stale = await doctor(place);
  expect(stale.code).toBe(0);
  expect(stale.of('earlier runs')).toMatchObject([
    { level: 'warning', mend: `rm ${state}/lock` },
    { level: 'warning', text: expect.stringContaining('left work in') },
  ]);
});

test('an output that may not be written to; without input the disks are not looked at', async () => {
  const place = await Place.make();
  await writeFile(place.path('file'), '');
  expect((await doctor(place, ['input', '-o', 'file'])).of('input, output')[0]).toMatchObject({
    level: 'trouble',
    text: expect.stringContaining('that is a file'),
  });
  const { code, of } = await doctor(place, []);
  expect(code).toBe(0);
  expect(of('disks')[0]).toMatchObject({ level: 'unchecked', mend: 'mgpu-translate doctor INPUT' });
  expect(of('output')).toEqual([]);
});

test('in words: a line for each, what mends it below', async () => {
  const place = await Place.make({ script: false });
  await mkdir(place.path('empty'));
  const launcher = place.start({ argv: ['doctor', 'empty', '-t', 'demo'] });
  expect(await launcher.exit).toBe(3);
  const said = launcher.text.join('\n');
  expect(said).toMatch(/^ok {7}Python +3\./m);
  expect(said).toMatch(/^problem {2}input +no page images in .*\n +→ give the folder that holds the pages$/m);
  expect(said).toMatch(/^a run can't start: 1 problem$/m);
});

test('tells which config file is read, and which is passed over', async () => {
  const place = await Place.make({ script: false });
  const none = await doctor(place, ['input', '-t', 'demo']);
  expect(none.of('config file')).toEqual([]);
  const file = place.path('mgpu-translate.config.json');
  await writeFile(file, '{"translator":"demo"}');
  const read = await doctor(place);
  expect(read.of('config file')).toMatchObject([{ level: 'ok', text: `options are read from ${file}` }]);
  await rm(file);
  execFileSync('mkfifo', [file]);
  const fifo = await doctor(place, ['input', '-t', 'demo']);
  expect(fifo.code).toBe(0);
  expect(fifo.of('config file')).toMatchObject([
    { level: 'warning', text: `Ignoring ${file}: it is a FIFO, not a regular file.` },
  ]);
});

const PLANTED = `open(__file__ + ".ran", "w").close()\n`;

test('runs nothing that lies about in the current folder', async () => {
  const place = await Place.make({ script: false });
  const names = ['torch', 'json', 'sys', 'importlib', 'site', 'os'].map((name) => `${name}.py`);
  for (const name of names) await place.write(name, PLANTED);
  for (const tool of ['nvidia-smi', 'python3', 'sh', 'rm']) {
    await place.write(tool, '#!/bin/sh\n: > "$0.ran"\n');
    await chmod(place.path(tool), 0o755);
  }
  const PATH = `:.:${place.path('bin')}:${process.env.PATH}:`;
  const { of } = await doctor(place, ['input', '-t', 'demo'], { PATH });
  expect(of('Python')[0]?.level).toBe('ok');
  const run = place.start({ args: ['-t', 'demo'], env: { PATH } });
  expect(await run.exit).toBe(0);
  expect((await readdir(place.root)).filter((name) => name.endsWith('.ran'))).toEqual([]);
});
