import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { filledTemplate } from '../../src/report/html/fill-template.ts';
import { hashOf } from '../../src/report-page/route.ts';
import { CHROMIUM, launchChromium, watchedPage } from '../fixtures/chromium.ts';
import { png } from '../fixtures/images.ts';
import { manyPages } from '../report/html/many-pages.ts';
import { interruptAgain } from './process.ts';
import { Place } from './rig.ts';

const TAG = '<img src=x onerror=alert(1)>.png';
const ODD = ['ch#1/a#1.png', 'ch#1/100%.png', 'ch#1/what?.png', `it's/"quoted".png`, "it's/漫画.png"];
const HTML = { MGPU_HTML: 'on' };
/** In the browser: widths of the dialog's images, once they are there. */
const WIDTHS = `(async () => {
  const images = [...document.querySelectorAll('dialog img')];
  await Promise.all(images.map((image) => image.decode()));
  return images.map((image) => image.naturalWidth);
})()`;
const OTHER_SCRIPT = `{
  const script = document.createElement('script');
  script.textContent = 'window.other = 1';
  document.body.append(script);
}`;
const BUILT = path.resolve(import.meta.dirname, '../../dist/report-page.html');

test('a run leaves a report, and says where; --html off leaves none; --file writes one elsewhere', async () => {
  const place = await Place.make({ pages: [TAG, 'b.png'] });
  const run = place.start({
    argv: ['run', 'input', '--reporter', 'none'],
    env: HTML,
    plan: { [TAG]: 'exit1' },
    args: ['--retries', '0'],
  });
  expect(await run.exit).toBe(1);
  const [, file = ''] = /^report {3}(.*\.mgpu\/runs\/\S+\/report\.html)$/m.exec(run.text.join('\n')) ?? [];
  const html = await readFile(file, 'utf8');
  expect(html).not.toContain('onerror=');
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/(?:src|href)="?https?:/);
  const off = place.start({ args: ['--include', 'b.png'] });
  expect(await off.exit).toBe(0);
  const { run: second } = await off.event('run-started');
  expect(await readdir(place.path(`input-translated/.mgpu/runs/${second}`))).toEqual(['events.ndjson']);
  const report = place.start({
    argv: ['report', 'input-translated', '--format', 'html', '--file', 'my report.html', '--embed', '2'],
  });
  expect(await report.exit, report.stderr).toBe(0);
  expect(report.stderr).toBe(`written: ${place.path('my report.html')}\n`);
  const own = await readFile(place.path('my report.html'), 'utf8');
  const refused = place.start({
    argv: ['report', 'elsewhere', '--format', 'html', '--file', 'missing/x.html'],
  });
  expect(await refused.exit).toBe(3);
  expect(refused.stderr).toMatch(/^error: --file missing\/x\.html: its folder does not exist\nhint: /);
  const nowhere = place.start({ argv: ['report', 'input', '--format', 'html'] });
  expect(await nowhere.exit).toBe(2);
  expect(nowhere.stderr).toMatch(/^error: .*input: no run ever wrote there/);
  expect(own.match(/<script type="image\/png" id="(?:original|result)-\d+">/g)).toHaveLength(3);
});

/** What a report holds. */
function dataIn(html: string): { report: { finished: boolean; counts: Record<string, number> } } {
  const [, data = ''] = /<script type="application\/gzip" id="data">([^<]*)</.exec(html) ?? [];
  return JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString('utf8'));
}

test('of a run that is still going the report tells as much as there is, and leaves the run alone', async () => {
  const place = await Place.make({ pages: ['a.png', 'b.png'], gpus: 1 });
  const run = place.start({ plan: { 'b.png': 'hang' } });
  await run.event('page-finished');
  const report = place.start({
    argv: ['report', 'input-translated', '--format', 'html', '--file', 'now.html'],
  });
  expect(await report.exit, report.stderr).toBe(0);
  const data = dataIn(await readFile(place.path('now.html'), 'utf8'));
  expect(data.report).toMatchObject({ finished: false, counts: { translated: 1, left: 1 } });
  run.kill('SIGINT');
  await interruptAgain(run);
  expect(await run.exit).toBe(130);
});

describe.skipIf(CHROMIUM === undefined)(
  'in Chromium (without one these are skipped: apt-get install chromium)',
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser.close());

    test('every view opens from disk; odd names are found, and stay text', async () => {
      const place = await Place.make({
        pages: Object.fromEntries([...ODD, TAG].map((id, seed) => [id, png(40, 60, seed)])),
      });
      const run = place.start({ env: HTML, plan: { [TAG]: 'exit1' }, args: ['--retries', '0'] });
      expect(await run.exit, run.stderr).toBe(1);
      const { run: name } = await run.event('run-started');
      const report = pathToFileURL(place.path(`input-translated/.mgpu/runs/${name}/report.html`)).href;
      const { page, wrong } = await watchedPage(browser);
      await page.goto(report);
      await page.getByRole('heading', { name: 'Failures' }).waitFor();
      expect(await page.getByRole('link', { name: TAG }).first().isVisible()).toBe(true);
      for (const [link, heading] of [
        ['Pages', 'Pages'],
        ['Folders', 'Folders'],
        ['Timeline', 'Timeline'],
        ['Run', 'Options'],
      ] as const) {
        await page.getByRole('navigation').getByRole('link', { name: link }).click();
        await page.getByRole('heading', { name: heading, exact: true }).waitFor();
      }
      // Both images of each page, whatever is in its name.
      for (const id of ODD) {
        await page.goto(`${report}${hashOf({ view: 'pages', filter: {}, page: id })}`);
        await page.getByRole('dialog', { name: `Page ${id}` }).waitFor();
        const widths = await page.evaluate<number[]>(WIDTHS);
        expect([id, ...widths]).toEqual([id, 40, 40]);
      }
      // Keys: to the next page and to the failed one, whose only image is the original.
      await page.goto(`${report}${hashOf({ view: 'pages', filter: {}, page: ODD[1] ?? '' })}`);
      await page.getByRole('dialog', { name: `Page ${ODD[1]}` }).waitFor();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('dialog', { name: 'Page ch#1/a#1.png' }).waitFor();
      await page.goto(`${report}${hashOf({ view: 'pages', filter: { outcome: 'failed' } })}`);
      await page.getByText('1 of 6 pages').waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog', { name: TAG }).waitFor();
      expect(await page.getByRole('dialog').getByRole('img').count()).toBe(1);
      expect(await page.evaluate<number>('document.querySelectorAll("img[src=x]").length')).toBe(0);
      // The policy lets no other script run, and the dialog gives way.
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(wrong).toEqual([]);
      await page.evaluate(OTHER_SCRIPT);
      expect(await page.evaluate<boolean>("'other' in window")).toBe(false);
      // Without the originals the result is shown alone.
      await rename(place.path('input'), place.path('elsewhere'));
      await page.goto('about:blank');
      await page.goto(`${report}${hashOf({ view: 'pages', filter: {}, page: ODD[0] ?? '' })}`);
      await page.getByText('The original is not there any more.').waitFor();
      await page.close();
    });

    test('100,000 pages are 3 MB at most, and are searched and scrolled', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'report-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const file = path.join(folder, 'report.html');
      const template = await readFile(BUILT, 'utf8');
      expect(template.length).toBeLessThan(150_000);
      const parts: string[] = [];
      const none = (async function* () {})();
      for await (const part of filledTemplate(template, {
        title: 'many',
        data: manyPages(100_000),
        images: none,
      }))
        parts.push(part);
      const html = parts.join('');
      expect(html.length).toBeLessThan(3_000_000);
      await writeFile(file, html);
      const { page, wrong } = await watchedPage(browser);
      await page.goto(`${pathToFileURL(file)}#/pages`);
      await page.getByText('100,000 pages').waitFor();
      expect(await page.locator('.row').count()).toBeLessThan(100);
      await page.getByPlaceholder('Search pages and messages').fill('volume 07/199');
      await page.getByText('25 of 100,000 pages').waitFor();
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.locator('.rows').focus();
      await page.keyboard.press('End');
      await page.getByRole('gridcell', { name: 'Series 24/Volume 20/200.png' }).waitFor();
      await page.getByRole('link', { name: 'Timeline' }).click();
      await page.locator('canvas').first().focus();
      await page.keyboard.press('+');
      await page.getByRole('button', { name: 'All' }).click();
      expect(wrong).toEqual([]);
      await page.close();
    });
  },
);
