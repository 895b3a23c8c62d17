import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EmbeddedImage } from './embed-images.ts';
import type { ReportData } from './report-data.ts';

const compress = promisify(gzip);
/** What the build leaves in the page for a report to be put in; the second one stands in the body, before the script. */
const TITLE = '<!--title-->';
const DATA = '<!--data-->';

/** The parts of a report's file. `template`: the page as the build has made it. */
export async function* filledTemplate(
  template: string,
  {
    title,
    data,
    images,
  }: {
    readonly title: string;
    readonly data: ReportData;
    readonly images: AsyncIterable<EmbeddedImage>;
  },
): AsyncGenerator<string> {
  const [head, beforeData] = around(template, TITLE);
  const [body, end] = around(beforeData, DATA);
  yield `${head}${escapeHtml(title)}${body}`;
  // Base64 has no character that HTML reads otherwise.
  yield `<script type="application/gzip" id="data">${(await compress(JSON.stringify(data), { level: 6 })).toString('base64')}</script>\n`;
  for await (const { at, side, type, bytes } of images)
    yield `<script type="${type}" id="${side}-${at}">${bytes.toString('base64')}</script>\n`;
  yield end;
}

function around(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the report's template has no ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
