import { mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { verifyOutput } from '../../src/pages/verify.ts';
import type { MangaArguments } from '../../src/translators/manga-image-translator/arguments.ts';
import type { FoundPackage } from '../../src/translators/manga-image-translator/find.ts';
import { MangaImageTranslatorOneShot } from '../../src/translators/manga-image-translator/one-shot.ts';
import { mangaOutputName } from '../../src/translators/manga-image-translator/output-names.ts';
import { mangaWarmCommand } from '../../src/translators/manga-image-translator/warm.ts';
import type { LoggedOutcome } from '../../src/translators/translator.ts';
import { LineReader } from '../../src/workers/lines.ts';
import { parseWorkerLine, requestLine, type WorkerLine } from '../../src/workers/protocol.ts';
import type { Case } from './cases.ts';

const CLI = fileURLToPath(new URL('../../bin/mgpu-translate.js', import.meta.url));
const LIMIT_MS = 15 * 60_000;

/** What became of a page: an outcome or a reason, with its evidence looked at. */
export interface Got {
  readonly what: string;
  readonly message?: string;
}

export interface Upstream {
  readonly found: FoundPackage;
  readonly python: string;
  readonly root: string;
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  readonly options: readonly string[];
}

const setupOf = ({ found, python }: Upstream, args: MangaArguments) => ({
  found,
  python,
  cwd: process.cwd(),
  args,
});

/** Gives all pages to one warm worker over its protocol. */
export async function runWarm(
  upstream: Upstream,
  cases: readonly Case[],
  args: MangaArguments,
): Promise<Map<string, Got>> {
  const work = await mkdtemp(path.join(upstream.root, 'warm-'));
  const { file, args: words, cwd, env } = mangaWarmCommand(setupOf(upstream, args));
  const outputOf = (page: string): string => path.join(work, mangaOutputName(page));
  const requests = cases.map(({ page }) =>
    requestLine({
      id: page,
      input: path.join(upstream.input, page),
      output: outputOf(page),
      group: path.dirname(page),
    }),
  );
  const { stdout, stderr } = await execa(file, words, {
    cwd,
    env: { ...upstream.env, ...env },
    input: requests.join(''),
    reject: false,
    timeout: LIMIT_MS,
  });
  const got = new Map<string, Got>();
  const lines: WorkerLine[] = stdout.split('\n').map((line) => parseWorkerLine(line));
  if (!lines.some(({ type }) => type === 'ready')) console.log(stderr.split('\n').slice(-15).join('\n'));
  for (const line of lines) {
    if (line.type === 'failed')
      got.set(line.id, { what: line.reason, ...(line.message !== undefined && { message: line.message }) });
    if (line.type === 'done')
      got.set(
        line.id,
        await proven({ outcome: line.outcome, saved: line.output !== null }, outputOf(line.id)),
      );
    if (line.type === 'invalid') got.set('', { what: 'invalid line', message: line.why });
  }
  if (args.saveText) await addTexts(cases, got, outputOf);
  return got;
}

/** Runs all pages as one batch of the command line, and reads its log. */
export async function runOneShot(
  upstream: Upstream,
  cases: readonly Case[],
  args: MangaArguments,
): Promise<Map<string, Got>> {
  const work = await mkdtemp(path.join(upstream.root, 'one-shot-'));
  const batch = { input: path.join(work, 'in'), output: path.join(work, 'out') };
  const translator = new MangaImageTranslatorOneShot(setupOf(upstream, args), args.format);
  for (const { page } of cases) {
    const link = path.join(batch.input, translator.nameInBatch(page));
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(upstream.input, page), link);
  }
  const { file, args: words, cwd, env } = translator.command(batch, { id: 'cpu-0', gpu: null });
  const log = translator.logOf(batch);
  const reader = new LineReader((line) => log.line(line));
  const child = execa(file, words, {
    cwd,
    env: { ...upstream.env, ...env },
    stdin: 'ignore',
    reject: false,
    timeout: LIMIT_MS,
    buffer: false,
  });
  child.stderr?.on('data', (chunk: Buffer) => reader.push(chunk));
  child.stdout?.resume();
  await child;
  reader.end();
  log.end();
  const got = new Map<string, Got>();
  for (const { page } of cases) {
    const name = translator.nameInBatch(page);
    const told = log.outcomeOf(name);
    const made = path.join(batch.output, name);
    // As the launcher does with what has to go.
    if (told?.outcome !== 'failed' && told?.saved === false) await rm(made, { force: true });
    got.set(page, await proven(told, made));
  }
  return got;
}

/** Runs the launcher itself on the folder. */
export async function runCli(
  upstream: Upstream,
  cases: readonly Case[],
  flags: readonly string[],
): Promise<Map<string, Got>> {
  const output = await mkdtemp(path.join(upstream.root, 'cli-'));
  const { found, python, input, options, env } = upstream;
  const { MGPU_SLOT: _, ...ours } = env;
  const words = [
    CLI,
    'run',
    input,
    '-o',
    output,
    '-t',
    found.root,
    '--python',
    python,
    '-g',
    'cpu',
    '--retries',
    '0',
    '--json',
    ...flags,
  ];
  const { stdout, stderr } = await execa(process.execPath, [...words, '--', ...options], {
    env: ours,
    reject: false,
    timeout: LIMIT_MS,
  });
  const got = new Map<string, Got>();
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const event = JSON.parse(line);
    if (event.type !== 'page-finished') continue;
    const { page, outcome, reason, message, output: made } = event;
    if (outcome === 'failed') got.set(page, { what: reason, message });
    else got.set(page, await proven({ outcome, saved: made !== undefined }, path.join(output, made ?? '')));
  }
  if (got.size < cases.length) console.log(stderr.split('\n').slice(-15).join('\n'));
  return got;
}

async function proven(told: LoggedOutcome | undefined, file: string): Promise<Got> {
  if (told?.outcome === 'failed') return { what: told.reason, message: told.message };
  const stats = await stat(file).catch(() => undefined);
  if (told?.saved === false)
    return { what: stats ? `${told.outcome}, and a file` : `${told.outcome}, no file` };
  if (!stats) return { what: 'no-output' };
  const { verdict } = verifyOutput(file);
  if ('missing' in verdict) return { what: 'no-output' };
  return verdict.whole ? { what: told?.outcome ?? 'not told' } : { what: 'bad-output', message: verdict.why };
}

async function addTexts(
  cases: readonly Case[],
  got: Map<string, Got>,
  outputOf: (page: string) => string,
): Promise<void> {
  for (const { page } of cases) {
    const text = `${outputOf(page).replace(/\.\w+$/, '')}_translations.txt`;
    const there = (await stat(text).catch(() => undefined))?.isFile() === true;
    const what = got.get(page)?.what;
    if (what !== undefined && there !== (what === 'translated')) {
      got.set(page, { what: `${what}, ${there ? 'and a' : 'no'} text file` });
    }
  }
}
