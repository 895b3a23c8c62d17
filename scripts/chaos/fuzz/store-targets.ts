import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { redactor } from '../../../src/model/redact.ts';
import { Inspector } from '../../../src/pages/inspector.ts';
import { makeReport } from '../../../src/report/history/make-report.ts';
import { readLedgers } from '../../../src/store/ledger/ledger.ts';
import { parseLedgerLine } from '../../../src/store/ledger/ledger-line.ts';
import { withRedactedOptions } from '../../../src/store/ledger/old-options.ts';
import { differenceInWords, optionsHash } from '../../../src/store/ledger/options-hash.ts';
import { judgeLock, readLock } from '../../../src/store/lock/lock-file.ts';
import { lookAtProcesses } from '../../../src/store/lock/process-identity.ts';
import { findRecoverable } from '../../../src/store/outputs/recover-batches.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const TIME = '2026-01-02T03:04:05.678Z';
const LEDGER = [
  `{"type":"options","time":"${TIME}","hash":"0123456789abcdef","options":{"translator":"demo","args":["-l","ENG"],"command":"python3 t.py --api-key sk-abc {input}"}}`,
  `{"type":"page-finished","page":"ch1/001.png","slot":"gpu0","gpu":0,"attempt":1,"outcome":"translated","seconds":1.5,"stages":{"ocr":1},"time":"${TIME}","source":{"bytes":10,"mtimeMs":1.5,"crc32":7},"output":{"path":"ch1/001.png","bytes":12},"options":"0123456789abcdef"}`,
  `{"type":"page-finished","page":"002.png","attempt":0,"outcome":"failed","reason":"unreadable","message":"cut","time":"${TIME}","source":null,"output":null,"options":"0123456789abcdef","standIn":{"path":"002.png","bytes":3,"crc32":1}}`,
];
const EVENTS = [
  `{"type":"run-started","v":1,"run":"r","gpus":[{"index":0,"name":"T4"}],"slots":["gpu0"],"slotDevices":[{"slot":"gpu0","device":"d","gpu":0}],"strategy":"even","translator":"demo","options":{},"time":"${TIME}"}`,
  `{"type":"folders-found","folders":[{"folder":"ch1","pages":2,"skipped":0}],"time":"${TIME}"}`,
  `{"type":"pages-found","pages":2,"skipped":0,"time":"${TIME}"}`,
  `{"type":"worker-started","slot":"gpu0","gpu":0,"pid":5,"time":"${TIME}"}`,
  `{"type":"worker-ready","slot":"gpu0","loadSeconds":2,"time":"${TIME}"}`,
  `{"type":"page-started","page":"ch1/001.png","slot":"gpu0","attempt":1,"time":"${TIME}"}`,
  `{"type":"page-finished","page":"ch1/001.png","slot":"gpu0","attempt":1,"outcome":"translated","seconds":1.5,"time":"${TIME}"}`,
  `{"type":"worker-exited","slot":"gpu0","exitCode":0,"signal":null,"pages":1,"time":"${TIME}"}`,
  `{"type":"run-finished","counts":{"translated":1,"no-text":0,"untranslated":0,"failed":0,"skipped":0,"left":1},"seconds":9,"exitCode":0,"gpus":[],"time":"${TIME}"}`,
];
const LOCK = `{"host":"h","bootId":"b","pid":7,"pidNamespace":"pid:[1]","startTime":5,"run":"r","since":"${TIME}","part":{"index":1,"of":2}}`;
const BATCH = [
  '{"v":1,"options":"o","outputs":"in/result"}',
  '["ch1/001.png",10,1.5,"ch1_001.png"]',
  '["002.png",3,2]',
];

const redact = redactor({ API_KEY: 'abcdef123456' });
const processes = await lookAtProcesses();
const NAMES = { format: undefined };
const LEAVER = { outputsOf: ({ output }: { readonly output: string }) => output };
const TODO = new Map(['ch1/001.png', '002.png'].map((id) => [id, { id, path: `/nowhere/${id}` }]));

/** What earlier runs, or somebody else, left in an output folder. */
export const storeTargets: readonly FuzzTarget[] = [
  {
    name: 'ledger-line',
    kind: 'ledgers, events, locks',
    examples: asBuffers(LEDGER.join(''), ...LEDGER),
    words: ['"seconds":-1', '"path":"../x"', TIME, '"options":{', '"source":null', '"args":['],
    // A line with the longest message and paths is a third of it; ten times as much takes ten times as long.
    longestBytes: 64 * 1024,
    read: (input) => {
      const line = parseLedgerLine(input.toString('utf8'));
      if (line?.type !== 'options') return;
      const optionsByHash = new Map([[line.hash, line.options]]);
      withRedactedOptions(
        {
          pages: new Map(),
          optionsByHash,
          outputNames: new Map(),
          refusals: new Map(),
          archives: new Map(),
          broken: 0,
          files: [],
        },
        redact,
      );
      differenceInWords(line.options, { translator: 'demo', args: [optionsHash(line.options)] });
    },
  },
  {
    name: 'ledger-file',
    kind: 'ledgers, events, locks',
    examples: asBuffers(`${LEDGER.join('\n')}\n`),
    words: ['\n', '\0', '"seconds":-1', ...LEDGER],
    // A file may have a line for each of many pages: what is looked for is a line that takes long.
    longestBytes: 16 * 1024,
    share: 0.2,
    read: async (input, { folder }) => {
      writeFileSync(path.join(folder, 'ledger.ndjson'), input);
      const ledgers = withRedactedOptions(await readLedgers(folder), redact);
      for (const options of ledgers.optionsByHash.values()) differenceInWords(options, {});
    },
  },
  {
    name: 'events-file',
    kind: 'ledgers, events, locks',
    examples: asBuffers(`${EVENTS.join('\n')}\n`),
    words: ['\n', '"seconds":1e300', '"gpu":null', '"time":"1970-01-01"', '"slot":"__proto__"', ...EVENTS],
    longestBytes: 16 * 1024,
    share: 0.2,
    read: async (input, { folder }) => {
      const run = path.join(folder, '.mgpu/runs/2026-01-02T03-04-05-678-abcd');
      mkdirSync(run, { recursive: true });
      writeFileSync(path.join(run, 'events.ndjson'), input);
      await makeReport(folder, { nowMs: Date.parse(TIME) });
    },
  },
  {
    name: 'lock-file',
    kind: 'ledgers, events, locks',
    examples: asBuffers(LOCK),
    words: ['"pid":1', '"since":""', '"part":null'],
    longestBytes: 64 * 1024,
    share: 0.2,
    read: async (input, { folder }) => {
      const file = path.join(folder, 'lock');
      writeFileSync(file, input);
      const lock = await readLock(file);
      if (lock) await judgeLock(lock, Date.now(), processes);
    },
  },
  {
    name: 'batch-record',
    kind: 'ledgers, events, locks',
    examples: asBuffers(BATCH.join('\n')),
    words: ['\n', '["002.png",3,2]', '[[', '1e999'],
    longestBytes: 16 * 1024,
    share: 0.2,
    read: async (input, { folder }) => {
      const batch = path.join(folder, 'gpu0/1');
      mkdirSync(path.join(batch, 'out'), { recursive: true });
      writeFileSync(path.join(batch, 'batch.ndjson'), input);
      const inspector = new Inspector();
      await findRecoverable(folder, {
        todo: TODO,
        optionsHash: 'o',
        names: NAMES,
        leaver: LEAVER,
        inspector,
      });
    },
  },
];
