import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { WorkAssignment } from '../../../src/dispatch/assignment.ts';
import { LoadGate } from '../../../src/dispatch/load-gate.ts';
import { Stop } from '../../../src/model/stop.ts';
import { Inspector } from '../../../src/pages/inspector.ts';
import { BatchAtWork } from '../../../src/run/slots/batch-at-work.ts';
import { CurrentTranslator, type OneShotContext } from '../../../src/run/slots/one-shot-context.ts';
import { BatchFolder } from '../../../src/store/outputs/batch-folder.ts';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';
import { parseTemplate } from '../../../src/translators/script/command-template.ts';
import { ScriptTranslator } from '../../../src/translators/script/script.ts';
import { png } from '../../fixtures/images.ts';
import { ScriptedHost } from '../../fixtures/scripted-host.ts';
import { tempFolder } from '../../pages/temp-folder.ts';

test('a batch that is ready when another child has refused --output goes back, and no child is started for it', async () => {
  const root = await tempFolder();
  const page = { id: '1.png', path: path.join(root, '1.png') };
  await writeFile(page.path, png(8, 8));
  const refused = new ScriptTranslator({
    name: 'tr.py',
    template: parseTemplate('python3 tr.py --input {input} --output {output}'),
    args: [],
    cwd: root,
    format: undefined,
    shape: { translator: 'script', args: [] },
  });
  const current = new CurrentTranslator(refused);
  const without = refused.withoutArgument();
  if (!without) throw new Error('it has no --output');
  const host = new ScriptedHost();
  host.onStart = () => {
    throw new Error('a child was started');
  };
  const run = {
    dispatcher: {
      turn: async () => current.replace(refused, without),
      openPagesOf: ({ pages }: WorkAssignment) => pages,
    },
    gate: new LoadGate({ needsFirst: false, inTurnOnDevice: false }),
    stop: new Stop(),
    host,
    translator: current,
    inspector: new Inspector(new URL('file:///none.js')),
    links: new LinkMode({ copies: false }),
    fillInTurn: (fill: () => unknown) => fill(),
    optionsHash: 'hash',
    recorder: { handOver: () => {} },
    costs: { sized: () => {} },
  } as unknown as OneShotContext;
  const assignment: WorkAssignment = {
    by: 'work',
    slot: { id: 'gpu1-0', gpu: null },
    pages: [page],
    alone: false,
    attempt: 1,
    isLastTry: false,
    needsFresh: false,
  };
  const batch = new BatchAtWork(assignment, new BatchFolder(path.join(root, 'work')), run);
  expect(await batch.finish()).toEqual({ by: 'returned', remaining: [page], failed: [] });
  expect(host.channels).toEqual([]);
});
