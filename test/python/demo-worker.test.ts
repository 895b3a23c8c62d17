import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pythonFile } from '../../src/translators/python-files.ts';
import { decodePng, encodePng } from '../fixtures/png-pixels.ts';
import { askWorker, libraryEnv, PYTHON } from './ask-worker.ts';

test('the demo stamps PNG pages and copies others as a warm worker, for as long as it is told', () => {
  const root = mkdtempSync(join(tmpdir(), 'demo-worker-'));
  const page = encodePng({ width: 331, height: 90, colourType: 2, depth: 8 });
  writeFileSync(join(root, 'p.png'), page);
  writeFileSync(join(root, 'p.jpg'), 'JPEG');
  writeFileSync(join(root, 'cut.png'), page.subarray(0, -20));
  const pages = ['p.png', 'p.jpg', 'cut.png'].map((id) => ({
    id,
    input: join(root, id),
    output: join(root, 'out', id),
  }));
  const options = ['--load-seconds', '0', '--seconds', '0.02', '--ns-per-pixel', '1000'];
  const command = [PYTHON, pythonFile('demo_worker.py'), ...options];
  const env = { ...libraryEnv(), MGPU_SLOT: 'gpu1-0', MGPU_GPU: '1' };
  const { said } = askWorker(command, pages, { env, cwd: root });

  expect(said).toMatchObject([
    { type: 'ready', translator: 'demo', device: 'cuda:0' },
    { type: 'done', outcome: 'translated' },
    { type: 'done', outcome: 'translated' },
    { type: 'failed', reason: 'unreadable', message: expect.stringContaining('a truncated PNG') },
  ]);
  const [, done] = said;
  expect(done?.type === 'done' && done.seconds).toBeGreaterThanOrEqual(0.02 + (331 * 90 * 1000) / 1e9);
  expect(readFileSync(join(root, 'out/p.jpg'), 'utf8')).toBe('JPEG');
  const after = decodePng(readFileSync(join(root, 'out/p.png')));
  expect(after).toMatchObject({ width: 331, height: 90 });
  expect(after.rows).not.toEqual(decodePng(page).rows);
  rmSync(root, { recursive: true });
});
