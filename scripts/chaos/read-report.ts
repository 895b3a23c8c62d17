import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunReport } from '../../src/report/report-schema.ts';
import { type LedgerLine, parseLedgerLine } from '../../src/store/ledger/ledger-line.ts';
import type { Scene } from './scene.ts';

/** What the program tells afterwards, and what its ledgers say by themselves. */
export interface ReportRead {
  /** Undefined where `report` failed. */
  readonly report: RunReport | undefined;
  readonly trouble: string | undefined;
  /** The last line of each page, over all ledgers of the output. */
  readonly lines: ReadonlyMap<string, LedgerLine>;
}

/** Asks the program for its report, and reads the ledgers beside it. */
export async function readReport(scene: Scene): Promise<ReportRead> {
  const lines = await readLedgers(join(scene.output, '.mgpu'));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [scene.machine.program, 'report', scene.output, '--json'],
      { env: { PATH: process.env['PATH'], HOME: join(scene.root, 'home'), TMPDIR: join(scene.root, 'tmp') } },
    );
    return { report: JSON.parse(stdout), trouble: undefined, lines };
  } catch (error) {
    return { report: undefined, trouble: String(error), lines };
  }
}

async function readLedgers(state: string): Promise<Map<string, LedgerLine>> {
  const names = (await readdir(state).catch(() => [])).filter((name) => /^ledger.*\.ndjson$/.test(name));
  const all: LedgerLine[] = [];
  for (const name of names) {
    for (const text of (await readFile(join(state, name), 'utf8')).split('\n')) {
      const line = parseLedgerLine(text);
      if (line?.type === 'page-finished') all.push(line);
    }
  }
  // Of several parts' lines the latest counts; the sort is stable, so of equal times the later line.
  all.sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
  return new Map(all.map((line) => [line.page, line]));
}
