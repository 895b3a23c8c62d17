// Draws docs/report.png, a picture of the HTML report of a real run: tsx scripts/report-picture.ts [FOLDER]
// With a folder, pictures of all views go there instead. Needs Chromium. Two Tesla T4 are a recorded answer of nvidia-smi, with a
// load that changes; the worker stamps sample pages, and fails on some.
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { drawSamplePages } from '../src/demo/sample-pages.ts';
import { readTranslateOptions } from '../src/library/translate-options.ts';
import { translatePages } from '../src/run/translate-pages.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const CHROMIUM = process.env['MGPU_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const CHAPTERS = 8;
const PAGES = 18;

/** A folder `one-shots` with pages, and a machine with two cards; gives the folder around it. */
async function makePlace(): Promise<string> {
  const place = await realpath(await mkdtemp(path.join(tmpdir(), 'report-picture-')));
  const drawn = await drawSamplePages(path.join(place, 'drawn'));
  for (let chapter = 1; chapter <= CHAPTERS; chapter += 1) {
    const folder = path.join(place, 'one-shots', `Chapter ${chapter}`);
    await mkdir(folder, { recursive: true });
    for (let page = 1; page <= PAGES; page += 1) {
      const from = drawn[(chapter * 7 + page) % drawn.length] ?? '';
      await copyFile(
        path.join(place, 'drawn', from),
        path.join(folder, `${String(page).padStart(3, '0')}.png`),
      );
    }
  }
  await writeFile(
    path.join(place, 'one-shots/Chapter 8/019.jpg'),
    '<!doctype html>\n<title>404 Not Found</title>\n',
  );
  const cards = await readFile(path.join(ROOT, 'test/fixtures/gpus/nvidia-t4x2.csv'), 'utf8');
  const busy = cards
    .trimEnd()
    .replaceAll(', [N/A]', '')
    .replaceAll(
      ', 14912, 0',
      ', $((9000 - $(date +%N | cut -c2) * 180)), $((70 + $(date +%N | cut -c1) * 3))',
    );
  await mkdir(path.join(place, 'bin'));
  await writeFile(
    path.join(place, 'bin/nvidia-smi'),
    `#!/bin/bash\ncase "$*" in *mig*) cat <<END\n${cards.trimEnd()}\nEND\n;; *) cat <<END\n${busy}\nEND\n;; esac\n`,
  );
  await chmod(path.join(place, 'bin/nvidia-smi'), 0o755);
  return place;
}

/** Translates the pages; gives the report's file. */
async function runIn(place: string): Promise<string> {
  const env = {
    PATH: `${path.join(place, 'bin')}:${process.env['PATH']}`,
    HOME: place,
    MGPU_PYTHON_FOLDER: path.join(ROOT, 'src/python'),
  };
  const options = readTranslateOptions(
    {
      input: 'one-shots',
      translator: `worker:${path.join(ROOT, 'scripts/report-picture/worker.py')}`,
      workersPerGpu: 2,
      retries: 1,
    },
    { cwd: place, env },
  );
  const { html, htmlTrouble } = await translatePages(options, {
    cwd: place,
    env,
    stdin: new PassThrough(),
    heartbeatMs: 400,
  });
  if (html === undefined) throw new Error(`there is no report: ${htmlTrouble}`);
  return html;
}

interface Picture {
  readonly name: string;
  readonly hash: string;
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

const PICTURE: Picture = { name: 'report', hash: '#/overview', width: 1180, height: 800 };
const ALL: readonly Picture[] = [
  { name: 'overview', hash: '#/overview', width: 1300, height: 1900 },
  { name: 'overview-dark', hash: '#/overview', width: 1300, height: 1900, dark: true },
  { name: 'phone', hash: '#/overview', width: 360, height: 1500 },
  { name: 'phone-pages', hash: '#/pages', width: 360, height: 760 },
  { name: 'phone-viewer', hash: '#/pages?page=Chapter+1%2F003.png', width: 360, height: 760, dark: true },
  { name: 'pages', hash: '#/pages', width: 1300, height: 860 },
  { name: 'viewer', hash: '#/pages?page=Chapter+1%2F003.png', width: 1300, height: 860 },
  { name: 'viewer-failed', hash: '#/pages?page=Chapter+4%2F013.png', width: 1300, height: 1000, dark: true },
  { name: 'folders', hash: '#/folders', width: 1300, height: 760 },
  { name: 'timeline', hash: '#/timeline', width: 1300, height: 1100 },
  { name: 'timeline-dark', hash: '#/timeline', width: 1300, height: 1100, dark: true },
  { name: 'run', hash: '#/run', width: 1300, height: 1500, dark: true },
  { name: 'wide', hash: '#/overview', width: 3840, height: 2000 },
];

async function draw(
  browser: Browser,
  report: string,
  { hash, width, height, dark = false }: Picture,
): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
  await page.goto(`${pathToFileURL(report)}${hash}`);
  await page.waitForSelector('main');
  await page.evaluate('Promise.all([...document.images].map((image) => image.decode().catch(() => {})))');
  const picture = await page.screenshot();
  await page.close();
  return picture;
}

const [folder] = process.argv.slice(2);
const place = await makePlace();
try {
  const report = await runIn(place);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    if (folder === undefined)
      await writeFile(path.join(ROOT, 'docs/report.png'), await draw(browser, report, PICTURE));
    else {
      await mkdir(folder, { recursive: true });
      for (const picture of ALL)
        await writeFile(path.join(folder, `${picture.name}.png`), await draw(browser, report, picture));
      await copyFile(report, path.join(folder, 'report.html'));
    }
  } finally {
    await browser.close();
  }
} finally {
  if (process.env['KEEP'] === undefined) await rm(place, { recursive: true });
  else console.error(place);
}
