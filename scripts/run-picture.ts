// Draws docs/run.svg from a real run: tsx scripts/run-picture.ts
// The built program translates sample pages with the demo translator in a terminal of its own. Two Tesla T4 are
// a recorded answer of nvidia-smi; one of the files is a web page that was saved as an image.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drawSamplePages } from '../src/demo/sample-pages.ts';
import { Screen, type Span, textOf } from './run-picture/screen.ts';
import { terminalSvg } from './run-picture/terminal-svg.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const PICTURE = path.join(ROOT, 'docs/run.svg');
/** Of `terminal.py`. */
const COLUMNS = 100;
const COMMAND = ['run', 'pages', '--gpus', '0,1', '--translator', 'demo'];
/** The last frame is shown in which no more than so many of the 13 are done. */
const MOST_DONE = 9;
/** A frame of the bar is written as a whole. */
const FRAME_END = '\x1b[?2026l';

type Rows = readonly (readonly Span[])[];

/** A folder `manga` with 13 files, and a machine with two cards. */
async function makePlace(): Promise<string> {
  const place = path.join(await realpath(await mkdtemp(path.join(tmpdir(), 'picture-'))), 'manga');
  await drawSamplePages(path.join(place, 'pages'));
  await writeFile(
    path.join(place, 'pages/chapter-2/007.jpg'),
    '<!doctype html>\n<title>404 Not Found</title>\n',
  );
  const cards = await readFile(path.join(ROOT, 'test/fixtures/gpus/nvidia-t4x2.csv'), 'utf8');
  await writeFile(path.join(place, 'nvidia-smi'), `#!/bin/sh\ncat <<'END'\n${cards.trimEnd()}\nEND\n`);
  await chmod(path.join(place, 'nvidia-smi'), 0o755);
  return place;
}

/** Runs the program in a terminal; returns what it wrote, with the folder as a reader would have it. */
async function runIn(place: string): Promise<string> {
  const terminal = path.join(ROOT, 'test/e2e/terminal.py');
  const command = [process.execPath, path.join(ROOT, 'bin/mgpu-translate.js'), ...COMMAND];
  // Its input stays open: its end would hang up the terminal.
  const child = spawn('python3', [terminal, ...command], {
    cwd: place,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: `${place}:${process.env.PATH}`, HOME: path.dirname(place), TERM: 'xterm' },
  });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    written += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 1)
    throw new Error(`the run ended with ${code}, not with 1 for its one failed page:\n${written}`);
  return written.replace('[closed]', '').replaceAll(place, '~/manga');
}

/** The terminal while the run is going, and what it shows once it is over. */
function moments(written: string): { readonly during: Rows; readonly atEnd: Rows } {
  const screen = new Screen(COLUMNS);
  let during: Rows | undefined;
  for (const part of written.split(FRAME_END)) {
    screen.write(part);
    const text = screen.rows.map(textOf);
    const isBusy = text.filter((row) => /^gpu\d {2}.* chapter/.test(row)).length === 2;
    const done = Number(/ (\d+)\/13 pages/.exec(text.join('\n'))?.[1] ?? Number.NaN);
    if (isBusy && done <= MOST_DONE) during = screen.rows;
  }
  if (during === undefined) throw new Error('there is no frame in which both GPUs have a page');
  const summary = screen.rows.findIndex((row) => /^13 pages in /.test(textOf(row)));
  return { during: trimmed(during), atEnd: trimmed(screen.rows.slice(summary)) };
}

const trimmed = (rows: Rows): Rows => rows.slice(0, rows.findLastIndex((row) => textOf(row) !== '') + 1);

const place = await makePlace();
try {
  const { during, atEnd } = moments(await runIn(place));
  const prompt: readonly Span[] = [
    { text: '~/manga $ ', style: 'dim' },
    { text: `mgpu-translate ${COMMAND.join(' ')}`, style: 'bold' },
  ];
  const title = `mgpu-translate at work on two GPUs, and its summary: ${textOf(atEnd[1] ?? [])}`;
  await writeFile(PICTURE, terminalSvg({ title, columns: COLUMNS, moments: [[prompt, ...during], atEnd] }));
} finally {
  await rm(path.dirname(place), { recursive: true });
}
