import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import type { Counts } from '../../src/model/events.ts';
import type { LedgerLine } from '../../src/store/ledger/ledger-line.ts';
import { translatedByFake } from '../fixtures/images.ts';
import type { Launcher, Place, PlaceSetup, StartSetup } from './rig.ts';
import { Place as ThePlace } from './rig.ts';

/** A run that is over, and whose accounts are right. */
export interface FinishedRun {
  readonly place: Place;
  readonly launcher: Launcher;
  readonly code: number | string;
  /** Page → `translated`, or `failed: crash`. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Page → what its last event said. */
  readonly messages: Readonly<Record<string, string>>;
  readonly counts: Counts;
  /** Files in the output folder, without `.mgpu`. */
  readonly files: readonly string[];
  /** Names of pages in the order in which fakes began with them, retries included. */
  readonly begun: readonly string[];
}

/** What is in the output that isn't a page's own. */
export interface Expected {
  /** Files beside the outputs. */
  readonly beside?: readonly string[];
  /** False: a source may differ from its output, or have been destroyed. */
  readonly sameBytes?: boolean;
  /** Relative to the place. */
  readonly output?: string;
}

/** Makes a place, runs to the end, checks the accounts. */
export async function runToEnd(
  setup: PlaceSetup & StartSetup & Expected & { readonly place?: Place } = {},
): Promise<FinishedRun> {
  const place = setup.place ?? (await ThePlace.make(setup));
  const launcher = place.start(setup);
  return checkAccounts(place, launcher, setup);
}

/**
 * Waits for a run's end and checks what holds for each: every page has one end or is skipped or left, the counts are those of
 * the events, ledger and events agree, each output is whole and nothing else is in the output folder, and no process is left.
 */
export async function checkAccounts(
  place: Place,
  launcher: Launcher,
  { beside = [], sameBytes = true, output = 'input-translated' }: Expected = {},
): Promise<FinishedRun> {
  const code = await launcher.exit;
  const finished = launcher.of('page-finished');
  const pages = finished.map(({ page }) => page);
  expect(new Set(pages).size, 'each page ends once').toBe(pages.length);
  expect(launcher.events[0]?.type, launcher.stderr).toBe('run-started');
  const last = launcher.events.at(-1);
  if (last?.type !== 'run-finished') throw new Error(`no run-finished\n${launcher.stderr}`);
  expect(last.exitCode).toBe(code);
  checkCounts(launcher, last.counts);

  const root = place.path(output);
  const lines = await ledgerLines(path.join(root, '.mgpu'));
  const fresh = lines.filter(({ time }) => time >= (launcher.events[0]?.time ?? ''));
  // Sorted: between a failed page's line and its event its original is copied, and another page may end meanwhile.
  expect(
    fresh
      .filter(({ adopted }) => !adopted)
      .map(inShort)
      .toSorted(),
  ).toEqual(finished.map(inShort).toSorted());

  const files = await filesBelow(root);
  const owned = new Set(lines.flatMap((line) => line.output?.path ?? []));
  expect(
    files.filter((file) => !owned.has(file) && !beside.includes(file)),
    'files of nobody',
  ).toEqual([]);
  for (const event of finished) {
    if (event.outcome !== 'translated') continue;
    const made = await readFile(path.join(root, event.output ?? ''));
    if (!sameBytes) continue;
    const source = await readFile(place.path(`input/${event.page}`));
    // The fake worker copies its page; the fake script makes a little more of it.
    if (sameBytes)
      expect(made.equals(source) || made.equals(translatedByFake(source)), event.page).toBe(true);
  }
  const state = await readdir(path.join(root, '.mgpu'));
  expect(state).not.toContain('lock');
  if (code === 0 || code === 1) {
    expect(state).not.toContain('work');
    expect(state).not.toContain(`work.${launcher.of('run-started')[0]?.run}`);
  }
  for (const { pid, child } of place.fakes.all)
    expect(await isAlive(child ?? pid), `process ${child ?? pid}`).toBe(false);
  return {
    place,
    launcher,
    code,
    outcomes: Object.fromEntries(
      finished.map(({ page, outcome, reason }) => [page, reason ? `${outcome}: ${reason}` : outcome]),
    ),
    messages: Object.fromEntries(finished.map(({ page, message = '' }) => [page, message])),
    counts: last.counts,
    files,
    begun: place.fakes.of('begin').map(({ page = '' }) => page),
  };
}

function checkCounts(launcher: Launcher, counts: Counts): void {
  const [found] = launcher.of('pages-found');
  const finished = launcher.of('page-finished');
  const ended = { translated: 0, 'no-text': 0, untranslated: 0, failed: 0 };
  for (const { outcome } of finished) ended[outcome] += 1;
  expect(counts).toMatchObject(ended);
  expect(finished.length + counts.skipped + counts.left).toBe(found?.pages ?? 0);
  expect(counts.skipped).toBe(found?.skipped ?? 0);
}

const inShort = ({
  page,
  outcome,
  reason,
  attempt,
}: Omit<LedgerLine, 'time' | 'source' | 'output' | 'options'>) =>
  JSON.stringify({ page, outcome, reason, attempt });

async function ledgerLines(state: string): Promise<LedgerLine[]> {
  const text = await readFile(path.join(state, 'ledger.ndjson'), 'utf8').catch(() => '');
  // A line that was torn by a crash is nobody's.
  const lines = text.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'page-finished');
}

/** All files below a folder, relative to it, sorted; `.mgpu` at its top is left out. */
async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('.mgpu/'))
    .sort();
}

/** A killed orphan that nobody waits for (a container without init) stays as a zombie: that is no process any more. */
async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Whoever it was left to may have taken note of its end just now.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
}
