import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { kindOfTaken } from '../kinds/workers.ts';
import type { ReportRead } from '../read-report.ts';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** Every page that is told translated has the whole output of its source as it is now; nothing else lies there. */
export async function checkOutputs(scene: Scene, { lines }: Pick<ReportRead, 'lines'>): Promise<Violation[]> {
  const { book, output } = scene;
  const wrong: string[] = [];
  const outputs = await filesIn(output);
  const wasMisnamed = scene.injected.some(({ kind }) => kind === kindOfTaken('misnamed'));
  for (const id of book.present) {
    if (lines.get(id)?.outcome === 'translated' && !outputs.includes(id)) wrong.push(`${id}: no output`);
  }
  for (const name of outputs) {
    // What a script leaves beside its outputs comes along.
    if (book.has(name.replace(/_out\.png$/, '')) && wasMisnamed) continue;
    if (!book.has(name)) {
      wrong.push(`${name}: no page's output`);
      continue;
    }
    const content = await readFile(join(output, name));
    const why = troubleWith(scene, name, { content, lines });
    if (why !== undefined) wrong.push(`${name}: ${why} (${content.length} bytes)`);
  }
  return wrong.map((text) => ({ check: 'output', text }));
}

function troubleWith(
  { book, setting }: Scene,
  id: string,
  { content, lines }: { readonly content: Buffer } & Pick<ReportRead, 'lines'>,
): string | undefined {
  const { foreign, versions, content: source, touched } = book.of(id);
  const translations = book.translations(id);
  const isOneOf = (some: readonly Buffer[]): boolean => some.some((each) => each.equals(content));
  const isCutFrom = (some: readonly Buffer[]): boolean =>
    some.some((each) => each.subarray(0, content.length).equals(content));
  // What somebody put there in the place of an output is kept.
  if (isOneOf([...foreign, ...translations.slice(-1)])) return undefined;
  const line = lines.get(id);
  const isGood = line?.outcome === 'translated';
  const older = [...translations, ...(setting.onFailed === 'copy' ? versions : [])];
  const mustBeNow = isGood && source !== null && !line.adopted;
  if (!mustBeNow && isOneOf(older)) return undefined;
  // What was cut, of a page that can't be made again, stays as it is.
  if (!isGood && touched && isCutFrom([...older, ...foreign])) return undefined;
  if (isOneOf(translations)) return 'the translation of an older source';
  if (isOneOf(versions)) return 'an original';
  if (isCutFrom(translations)) return 'it is cut';
  return `another content: ${JSON.stringify(content.subarray(41, 90).toString('latin1'))}`;
}

/** Paths of the files below a folder but for the program's own, relative to it. */
async function filesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
    if (name === '.mgpu' || name.startsWith('.mgpu/')) continue;
    if ((await stat(join(folder, name))).isFile()) found.push(name);
  }
  return found;
}
