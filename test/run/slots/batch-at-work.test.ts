import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { WorkAssignment } from '../../../src/dispatch/assignment.ts';
import { LoadGate } from '../../../src/dispatch/load-gate.ts';
import { Stop } from '../../../src/model/stop.ts';
import { Inspector } from '../../../src/pages/inspector.ts';
import { BatchAtWork } from '../../../src/run/slots/batch-at-work.ts';
import { NestedPages } from '../../../src/run/slots/nested-pages.ts';
import { CurrentTranslator, type OneShotContext } from '../../../src/run/slots/one-shot-context.ts';
import { Recalls } from '../../../src/run/slots/recalls.ts';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';
import { NamingHabit } from '../../../src/workers/naming-habit.ts';
import { OutputNaming } from '../../../src/workers/output-naming.ts';
import { StartsSeen } from '../../../src/workers/starts-seen.ts';
import { png } from '../../fixtures/images.ts';
import { PLAIN_SCRIPT as SCRIPT } from '../../fixtures/plain-script.ts';
import { ScriptedHost } from '../../fixtures/scripted-host.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

const PAGES = ['1.png', '2.png'];

/** A batch of two pages in a temporary folder, and a run without a process for it. */
async function batchWith(
  context: Partial<Record<keyof OneShotContext, unknown>>,
  turn: () => boolean = () => true,
) {
  const root = await tempFolder();
  const pages = PAGES.map((id) => ({ id, path: path.join(root, id) }));
  for (const page of pages) await writeFile(page.path, png(8, 8));
  const inspector = new Inspector(new URL('file:///none.js'));
  const run = {
    dispatcher: { turn: async () => turn(), openPagesOf: ({ pages }: WorkAssignment) => pages },
    gate: new LoadGate({ needsFirst: false, inTurnOnDevice: false }),
    stop: new Stop(),
    translator: new CurrentTranslator(SCRIPT),
    inspector,
    links: new LinkMode({ copies: false }),
    fillInTurn: (fill: () => unknown) => fill(),
    optionsHash: 'hash',
    recorder: { handOver: () => {}, assertUntouched: async () => {}, contentRead: () => {} },
    costs: { sized: () => {} },
    ...context,
  } as unknown as OneShotContext;
  const assignment: WorkAssignment = {
    by: 'work',
    slot: { id: 'gpu1-0', gpu: null },
    pages,
    alone: false,
    attempt: 1,
    isLastTry: false,
    needsFresh: false,
  };
  return { pages, batch: new BatchAtWork(assignment, new BatchFolder(path.join(root, 'work')), run) };
}

test('a batch that is ready when another child has refused --output goes back, and no child is started for it', async () => {
  const translator = new CurrentTranslator(SCRIPT);
  const without = SCRIPT.withoutArgument();
  if (!without) throw new Error('it has no --output');
  const host = new ScriptedHost();
  const { pages, batch } = await batchWith({ host, translator }, () => translator.replace(SCRIPT, without));
  expect(await batch.finish()).toEqual({ by: 'returned', remaining: pages, failed: [] });
  expect(host.channels).toEqual([]);
});

test('a child that fails where copies of its pages were removed costs none of them an attempt', async () => {
  const host = new ScriptedHost();
  host.onStart = (channel) => {
    setImmediate(() => {
      channel.start();
      channel.end({ by: 'exit', code: 1 });
    });
  };
  const failed: unknown[] = [];
  const { pages, batch } = await batchWith({
    ...{ host, options: { pageTimeoutMs: 0, startTimeoutMs: 0, stage: 'on' } },
    environmentOf: () => ({}),
    redact: (text: string) => text,
    emit: () => {},
    fail: (error: unknown) => failed.push(error),
    ...{ told: new Set(), recalls: new Recalls(), starts: new StartsSeen(), habit: new NamingHabit() },
    naming: new OutputNaming({ given: undefined, noted: undefined, hasMade: false, note: async () => {} }),
    inputs: { ids: PAGES, isPlaceOfPage: () => false },
    nested: new NestedPages(),
    outputRoot: '/out',
    staging: {
      begin: async () => ({
        isStaged: () => true,
        done: async () => {},
        end: async () => new Set(['2.png']),
      }),
    },
  });
  expect(await batch.finish()).toEqual({ by: 'returned', remaining: pages, failed: [] });
  expect(failed).toEqual([]);
});
