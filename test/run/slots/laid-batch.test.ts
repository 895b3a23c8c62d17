import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { WorkAssignment } from '../../../src/dispatch/assignment.ts';
import { Inspector } from '../../../src/pages/inspector.ts';
import { LaidBatch } from '../../../src/run/slots/laid-batch.ts';
import { CurrentTranslator, type OneShotContext } from '../../../src/run/slots/one-shot-context.ts';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { removedCopies } from '../../../src/store/outputs/changed-copies.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';
import { png } from '../../fixtures/images.ts';
import { PLAIN_SCRIPT as SCRIPT } from '../../fixtures/plain-script.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

test('a batch on trial has copies of all pages, also where another one passes the trial before it is filled', async () => {
  const root = await tempFolder();
  const page = { id: 'a.png', path: path.join(root, 'a.png') };
  await writeFile(page.path, png(8, 8));
  const links = new LinkMode({ copies: false, isKnown: false });
  const run = {
    links,
    inspector: new Inspector(new URL('file:///none.js')),
    translator: new CurrentTranslator(SCRIPT),
    fillInTurn: (fill: () => unknown) => {
      links.passedTrial();
      return fill();
    },
    recorder: { handOver: () => {} },
    costs: { sized: () => {} },
  } as unknown as OneShotContext;
  const assignment: WorkAssignment = {
    by: 'work',
    slot: { id: 'cpu-0', gpu: null },
    pages: [page],
    alone: false,
    attempt: 1,
    isLastTry: false,
    needsFresh: false,
  };
  const folder = new BatchFolder(path.join(root, 'work'));
  const batch = new LaidBatch(assignment, folder, run);
  expect(await batch.fill()).toEqual([]);
  expect(batch.isTrial).toBe(true);
  expect(batch.linked).toEqual([]);
  expect(await removedCopies({ batch: folder, pages: batch.given })).toEqual([]);
});
