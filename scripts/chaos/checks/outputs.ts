import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportRead } from '../read-report.ts';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** Every page that is told translated has the whole output of its source as it is now; nothing else lies there. */
export async function checkOutputs(scene: Scene, { lines }: ReportRead): Promise<Violation[]> {
  const { book, output } = scene;
  const wrong: string[] = [];
  const outputs = await filesIn(output);
  for (const id of book.present) {
    if (lines.get(id)?.outcome === 'translated' && !outputs.includes(id)) wrong.push(`${id}: no output`);
  }
  for (const name of outputs) {
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
  const line = lines.get(id);
  const isGood = line?.outcome === 'translated';
  const translations = book.translations(id);
  if (foreign.some((each) => each.equals(content))) return undefined;
  const current = translations.at(-1);
  if (current?.equals(content)) return undefined;
  if (isGood && source !== null && !line.adopted) return describe(scene_(translations, versions), content);
  const older = [...translations, ...(setting.onFailed === 'copy' ? versions : [])];
  if (older.some((each) => each.equals(content))) return undefined;
  // What was cut, of a page that can't be made again, stays as it is.
  const all = [...older, ...foreign];
  if (!isGood && touched && all.some((each) => each.subarray(0, content.length).equals(content)))
    return undefined;
  return describe(scene_(translations, versions), content);
}

const scene_ = (translations: readonly Buffer[], versions: readonly Buffer[]) => ({ translations, versions });

function describe(
  { translations, versions }: { translations: readonly Buffer[]; versions: readonly Buffer[] },
  content: Buffer,
): string {
  if (translations.some((each) => each.equals(content))) return 'the translation of an older source';
  if (versions.some((each) => each.equals(content))) return 'an original';
  if (translations.some((each) => each.subarray(0, content.length).equals(content))) return 'cut';
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
