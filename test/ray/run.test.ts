import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/model/events.ts';
import { png } from '../fixtures/images.ts';
import { Cluster, WHY_NO_CLUSTER } from './cluster.ts';

const CLI = path.resolve(import.meta.dirname, '../../bin/mgpu-translate.js');
const PAGES = 24;
const soon = { timeout: 5000, interval: 50 };

/** The built command on the cluster's head, and what it tells. */
class Run {
  readonly events: RunEvent[] = [];
  readonly exit: Promise<number | string>;
  stderr = '';
  readonly process: ChildProcess;

  constructor(cluster: Cluster, cwd: string, ...args: string[]) {
    const words = ['run', 'in', '-o', 'out', '-t', 'demo', '--engine', 'ray', '--json', '--html', 'off'];
    this.process = cluster.spawn(process.execPath, [CLI, ...words, ...args], cwd);
    const lines = createInterface({ input: this.process.stdout ?? process.stdin });
    lines.on('line', (line) => this.events.push(JSON.parse(line)));
    this.process.stderr?.on('data', (text) => {
      this.stderr += text;
    });
    this.exit = new Promise((resolve) => {
      this.process.once('close', (code, signal) => resolve(code ?? signal ?? ''));
    });
  }

  of<Type extends RunEvent['type']>(type: Type): Extract<RunEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
  }

  /** Settles once so many pages are done. */
  pages(count: number): Promise<void> {
    return expect
      .poll(() => this.of('page-finished').length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(count);
  }
}

describe.skipIf(WHY_NO_CLUSTER !== undefined)(
  WHY_NO_CLUSTER === undefined ? 'a run on two nodes' : `a run on two nodes (skipped: ${WHY_NO_CLUSTER})`,
  () => {
    let cluster: Cluster;
    beforeAll(async () => {
      cluster = await Cluster.start({ nodes: 2, gpus: 2 });
    });
    afterAll(() => cluster.end());
    const leftOver = async () => [...(await cluster.processes()), ...cluster.folders()];
    const place = (): string => {
      const root = mkdtempSync(path.join(os.tmpdir(), 'mgpu-ray-run-'));
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      mkdirSync(path.join(root, 'in'));
      for (let at = 0; at < PAGES; at += 1) writeFileSync(path.join(root, 'in', `${at}.png`), png(8, 8, at));
      return root;
    };
    const outputsIn = (root: string): number =>
      readdirSync(path.join(root, 'out')).filter((name) => name.endsWith('.png')).length;
    const demo = (seconds: number): string[] => ['--', '--seconds', `${seconds}`, '--load-seconds', '0'];

    test('every page is done, on both nodes; nothing is left', async () => {
      const root = place();
      // So long that the GPUs of one node don't do all pages before those of the other are held.
      const run = new Run(cluster, root, '--ray-python', cluster.python, ...demo(1));
      expect(await run.exit, run.stderr).toBe(0);
      expect(outputsIn(root)).toBe(PAGES);
      expect(new Set(run.of('slot-joined').map(({ node }) => node))).toEqual(new Set(['node1', 'node2']));
      await expect.poll(leftOver, soon).toEqual([]);
    });

    test('a launcher that is killed leaves nothing, and the same command resumes', async () => {
      const root = place();
      const run = new Run(cluster, root, '--ray-python', cluster.python, ...demo(0.3));
      await run.pages(4);
      run.process.kill('SIGKILL');
      await run.exit;
      await expect.poll(leftOver, soon).toEqual([]);
      const again = new Run(cluster, root, '--ray-python', cluster.python, ...demo(0));
      expect(await again.exit, again.stderr).toBe(0);
      expect(again.of('pages-found')[0]?.skipped).toBeGreaterThanOrEqual(4);
      expect(outputsIn(root)).toBe(PAGES);
    });

    test('a worker that is killed costs its page a try; a node that dies takes none', async () => {
      const root = place();
      const run = new Run(cluster, root, '--ray-python', cluster.python, ...demo(1.5));
      await run.pages(1);
      const [worker] = run.of('worker-started');
      process.kill(worker?.pid ?? 0, 'SIGKILL');
      await run.pages(3);
      await cluster.order({ do: 'kill-node', node: 1 });
      expect(await run.exit, run.stderr).toBe(0);
      expect(outputsIn(root)).toBe(PAGES);
      expect(run.of('page-retried')).toMatchObject([{ reason: 'crash', message: 'ended by SIGKILL' }]);
      expect(run.of('node-left')).toMatchObject([{ node: 'node2' }]);
      expect(run.of('page-finished').filter(({ attempt }) => attempt > 1)).toHaveLength(1);
    });
  },
);
