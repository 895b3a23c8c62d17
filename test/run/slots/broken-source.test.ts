import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { AttemptResult, PageFailure } from '../../../src/dispatch/assignment.ts';
import { Inspector, type OutputLook, type VerifyJob } from '../../../src/pages/inspector.ts';
import { readDirectory } from '../../../src/pages/sources/read-directory.ts';
import { blameSources, blameSourcesOfBatch } from '../../../src/run/slots/broken-source.ts';
import { png } from '../../fixtures/images.ts';
import { zipOf } from '../../fixtures/zips.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const page = (id: string) => ({ id, path: `/in/${id}` });
const WHY = 'the JPEG is truncated: its end is missing';
const WORDS = 'OSError: image file is truncated';

/** Sources of which those called "bad" are truncated, and the ones that were read. */
function sources() {
  const read: string[] = [];
  const verify = async (jobs: readonly VerifyJob[]): Promise<OutputLook[]> => {
    const paths = jobs.map(String);
    read.push(...paths);
    return paths.map((path) => {
      if (path.includes('gone')) return { verdict: { missing: 'ENOENT' } };
      const isBad = path.includes('bad');
      return {
        verdict: isBad ? { whole: false, why: WHY, bytes: 9 } : { whole: true, endChecked: true, bytes: 9 },
      };
    });
  };
  return { read, inspector: { verify } };
}

const failure = (id: string, rest: Partial<PageFailure> = {}): PageFailure => ({
  page: page(id),
  reason: 'error',
  message: WORDS,
  streak: 1,
  isFresh: true,
  ...rest,
});

test.each<[string, Partial<PageFailure>]>([
  ['an error', {}],
  ['a crash', { reason: 'crash', message: 'ended with SIGSEGV' }],
  ['a hang', { reason: 'timeout', message: 'no output for 900 s' }],
  ['no output', { reason: 'no-output', message: 'ended without writing the page (exit code 0): no output' }],
  ['a bad output', { reason: 'bad-output', message: WHY }],
  ['a worker that could not read it', { reason: 'unreadable', message: WORDS }],
])('a page with a broken source is unreadable, and not tried again, after %s', async (_name, rest) => {
  const { inspector } = sources();
  const [bad, whole, gone] = await blameSources(
    inspector,
    ['bad', 'whole', 'gone'].map((id) => failure(id, rest)),
  );
  const message = `${WHY} (the translator: ${rest.message ?? WORDS})`;
  expect(bad).toMatchObject({ reason: 'unreadable', message, isOwn: true, cause: rest.message ?? WORDS });
  expect([whole, gone]).toEqual([failure('whole', rest), failure('gone', rest)]);
});

test('a cut image in an archive is unreadable, by what its entry unpacks to; what can not be unpacked now is not blamed', async () => {
  const whole = png(40, 40);
  const content = { cut: whole.subarray(0, -20), whole, changed: whole.subarray(0, -20) };
  const file = path.join(await tempFolder(), 'a.cbz');
  const zip = zipOf(
    Object.entries(content).map(([name, bytes]) => ({ name: `${name}.png`, content: bytes, deflate: true })),
  );
  await writeFile(file, zip);
  const found = await readDirectory(file);
  if ('trouble' in found) throw new Error(found.trouble);
  const { entries, bytes, mtimeMs, directoryCrc } = found;
  const archive = { id: 'a.cbz', path: file, bytes, mtimeMs, directoryCrc, pages: 3, outputs: 'a.cbz' };
  const failures = entries.map(({ name, ...entry }) => ({
    ...failure(name),
    page: {
      ...page(`a.cbz/${name}`),
      entry: { ...entry, name, archive, ...(name === 'changed.png' && { crc32: 7 }) },
    },
  }));
  const blamed = await blameSources(new Inspector(new URL('file:///none.js')), failures);
  expect(blamed.map(({ page: { id }, reason, isOwn }) => [id, reason, isOwn])).toEqual([
    ['a.cbz/cut.png', 'unreadable', true],
    ['a.cbz/whole.png', 'error', undefined],
    ['a.cbz/changed.png', 'error', undefined],
  ]);
  expect(blamed[0]?.message).toMatch(/^the PNG is truncated: .* \(the translator: /);
});

test.each<[string, Partial<PageFailure>]>([
  ['no memory', { reason: 'oom', message: 'CUDA out of memory' }],
  ['a broken context', { message: 'RuntimeError: CUDA error: device-side assert triggered' }],
  ['a service that refuses', { message: 'openai.RateLimitError: Error code: 429 - Rate limit reached' }],
  ['a service that is gone', { message: 'ConnectionRefusedError: [Errno 111] Connection refused' }],
  ['an empty translation', { message: 'the translation is empty' }],
  ['no process at all', { reason: 'unreadable', streak: 0 }],
  ['a cause that is known', { isOwn: true }],
])('%s says nothing of the source, which is not read', async (_name, rest) => {
  const { inspector, read } = sources();
  expect(await blameSources(inspector, [failure('bad', rest)])).toEqual([failure('bad', rest)]);
  expect(read).toEqual([]);
});

test('where a whole batch fails, only some of its sources are read', async () => {
  const { inspector, read } = sources();
  const failures = Array.from({ length: 100 }, (_, at) => failure(`${at}`));
  expect(await blameSources(inspector, failures)).toEqual(failures);
  expect(read).toHaveLength(16);
});

const lost = (lastLines: readonly string[]) => ({
  withoutSign: false,
  lastWords: lastLines.at(-1) ?? '',
  lastLines,
});
const evidence = (pages: string[], signs: { finished?: string[]; named?: string[] }) => ({
  pages: pages.map(page),
  finished: signs.finished ?? [],
  named: signs.named ?? [],
  outputsSinceNamed: 0,
  broken: new Map(),
});

test('of a batch only the pages that the child was lost on are read', async () => {
  const { inspector, read } = sources();
  const result: AttemptResult = {
    by: 'lost',
    failed: [],
    evidence: evidence(['bad2', '3', 'bad4'], { finished: ['1'], named: ['1', 'bad2'] }),
    lost: lost([WORDS]),
  };
  const blamed = await blameSourcesOfBatch(inspector, result);
  expect(read).toEqual(['/in/bad2']);
  expect(blamed).toMatchObject({
    by: 'lost',
    failed: [
      { page: page('bad2'), reason: 'unreadable', message: `${WHY} (the translator: ${WORDS})`, isOwn: true },
    ],
    evidence: { pages: [page('3'), page('bad4')] },
  });
});

test('a page that a child passed over is told of without the last words, which are of another', async () => {
  const { inspector } = sources();
  const signs = { finished: ['1', '3'], named: ['1', 'bad2', '3'] };
  const result: AttemptResult = {
    by: 'lost',
    failed: [],
    evidence: evidence(['bad2'], signs),
    lost: lost(['saved 3']),
  };
  expect(await blameSourcesOfBatch(inspector, result)).toMatchObject({ failed: [{ message: WHY }] });
});

test('a child that gave no sign may have died of its first page: its start is not to blame then', async () => {
  const beside = { ofDevice: false, loading: false };
  const start = { by: 'no-start', lost: lost([WORDS]), beside } as const;
  const { inspector, read } = sources();
  const batch = await blameSourcesOfBatch(inspector, {
    ...start,
    remaining: ['bad1', 'bad2', '3'].map(page),
  });
  expect(batch).toMatchObject({ by: 'lost', failed: [{ page: page('bad1') }], evidence: { finished: [] } });
  expect(read).toEqual(['/in/bad1']);
  const one = await blameSourcesOfBatch(inspector, {
    ...start,
    remaining: [page('bad1')],
    alone: failure('bad1'),
  });
  expect(one).toMatchObject({ by: 'lost', failed: [{ reason: 'unreadable' }], evidence: { pages: [] } });
  const whole: AttemptResult = { ...start, remaining: ['1', 'bad2'].map(page) };
  expect(await blameSourcesOfBatch(inspector, whole)).toBe(whole);
});
