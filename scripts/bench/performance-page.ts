import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Machine } from './bench.ts';
import { type FaultsResult, faultsTable } from './faults.ts';
import { forecastTable, forecastText } from './forecast.ts';
import { type LauncherResult, launcherTable, samplesTable } from './launcher.ts';
import { DRAWS } from './mixes.ts';
import { oneCardTable, oneCardText } from './one-card.ts';
import { aimsText, fromStartTable, loadsTable, type PeersResult, peersTable, settingText } from './peers.ts';
import { drawEfficiency } from './performance-chart.ts';
import type { FullResults, Results } from './results.ts';
import { stagingTable, stagingText } from './staging.ts';
import { startTable } from './start.ts';
import { strategiesTable } from './strategies.ts';
import { count, mebibytes, ratio, secondsText } from './table.ts';
import { vramTable, vramText } from './vram.ts';

/** The machine has been named, and one section at the least was measured in full. */
export type PageResults = Pick<Results, 'machine'> & Partial<FullResults>;

/**
 * Writes the page, every figure from the results; a section without results stays as it is there. Returns the paths written: the
 * page, and the chart where that section has results.
 */
export async function writePerformancePage(docs: string, results: PageResults): Promise<string[]> {
  const page = join(docs, 'performance.md');
  const chart = join(docs, 'performance.svg');
  const before = await readFile(page, 'utf8').catch(() => '');
  await writeFile(page, performanceText(results, before));
  if (!results.peers) return [page];
  await writeFile(chart, drawEfficiency(results.peers));
  return [page, chart];
}

/** The page as Markdown; `before` is what it was. */
export function performanceText({ machine, ...measured }: PageResults, before = ''): string {
  const sections = SECTIONS_OF_PAGE.flatMap(({ heading, textOf }) => {
    const text = textOf(measured) ?? sectionIn(before, heading);
    return text === undefined ? [] : [`## ${heading}\n\n${text.trim()}\n`];
  });
  return [headOf(machine), ...sections].join('\n');
}

/** What stands below a heading, up to the next one of its kind. */
function sectionIn(page: string, heading: string): string | undefined {
  const sections = page.split(/^## /m).slice(1);
  const found = sections.find((section) => section.startsWith(`${heading}\n`));
  return found?.slice(heading.length);
}

const headOf = (machine: Machine): string =>
  `<!-- Written by npm run bench: what is changed here by hand is lost with the next run. -->
# Performance

Measured by \`npm run bench\` on ${machine.cores} cores and ${machine.memoryGib} GiB of memory, with Node ${machine.node} and Python
${machine.python}. The translator is a simulated one that loads, takes its time by the pixels of a page and copies it; as it sleeps
through its work, two cores carry eight of its GPUs. Pages and outputs are on a file system in memory. Every launcher starts the
same translator on the same pages, one launcher after the other, each once. Ours asks for the GPUs first, as no other does: a
stand-in for \`nvidia-smi\` answers at once, where the real one takes its own time more. Setting: ${settingText()}. Sections are
measured one by one, each with the version of its day.

**Best possible** is what no launcher can beat: one load, all GPUs at work until the end, or the longest page where that is more.
A launcher's time is that of its whole command, from its start to its end.
`;

/** The page's sections in their order; each is undefined where it has no results. */
const SECTIONS_OF_PAGE: readonly {
  readonly heading: string;
  readonly textOf: (measured: Partial<FullResults>) => string | undefined;
}[] = [
  {
    heading: 'Beside what else there is',
    textOf: ({ peers }) =>
      peers &&
      `${peersText(peers)}

![Best possible time / time, by launcher and mix](performance.svg)

${peersTable(peers)}

${aimsText(peers)}

${listOf(peers.mixes.map(({ name, about, pages }) => `**${name}**: ${count(pages)} pages, ${about}`))}

The order of *manga* and *skewed* pages is chance: of ${DRAWS} draws the one is measured in which a plain queue ends neither sooner nor
later than in most. With a single draw, luck with the last pages would decide.

The warm ones from the moment when their first worker process is there (Ray's then still import Ray):

${fromStartTable(peers)}

${loadsTable(peers)}

How each is set up:

${listOf(peers.rows.map(({ launcher: name, about }) => `**${name}**: ${about}.`))}
${listOf(peers.missing.map(({ name, missing }) => `**${name}** is missing: ${missing}.`))}`,
  },
  {
    heading: 'When something goes wrong',
    textOf: ({ faults }) =>
      faults &&
      `${faultsText(faults)}

${faultsTable(faults)}

${listOf(faults.faults.map(({ name, about, hopeless }) => `**${name}**: ${about}${hopeless > 0 ? ` (${hopeless} page that nobody can save)` : ''}.`))}

Each cell: the time, of both starts together for **kill**; pages without a whole output at the end; and pages told wrong: missing or
cut, while the command ends with exit code 0. As manga-image-translator does, the simulated one-shot goes on after a broken image,
ends with exit code 0 all the same, writes its outputs in place and passes over those that are there. A page that ends its
process is tried again by mgpu-translate and Ray alone; one-shot, each try is a load.`,
  },
  {
    heading: 'From the command to the first worker',
    textOf: ({ start }) =>
      start &&
      `Medians. *Process there* is told by the kernel's clock of 10 ms, rounded up; each launcher is stopped then.

${startTable(start)}`,
  },
  {
    heading: 'The launcher alone',
    textOf: ({ launcher }) =>
      launcher &&
      `Pages of no work over eight warm workers, with all that a run does: ledger, events, output check, rename. CPU and memory are the
launcher's own.

${launcherTable(launcher)}

${samplesTable(launcher)}

${launcherText(launcher)}`,
  },
  {
    heading: 'Strategies',
    textOf: ({ strategies }) =>
      strategies &&
      `Best possible counts a GPU of half the speed as half a GPU; where half of each page waits for a service, it counts the GPU's half
alone. \`dynamic\` over the other mixes stands in the first table: it is the strategy of both of our rows there.

${strategiesTable(strategies)}`,
  },
  {
    heading: 'One card used fully',
    textOf: ({ oneCard }) => oneCard && `${oneCardText(oneCard)}\n\n${oneCardTable(oneCard)}`,
  },
  { heading: 'Cards that differ', textOf: ({ vram }) => vram && `${vramText(vram)}\n\n${vramTable(vram)}` },
  {
    heading: 'How long it will take',
    textOf: ({ forecast }) => forecast && `${forecastText()}\n\n${forecastTable(forecast)}`,
  },
  {
    heading: 'Input on a slow disk',
    textOf: ({ staging }) => staging && `${stagingText()}\n\n${stagingTable(staging)}`,
  },
];

function peersText({ rows, mixes }: PeersResult): string {
  const scheduled = mixes.filter(({ name }) => name !== 'tiny');
  const ours = rows.find((row) => row.ours && row.warm);
  const sentences = scheduled.map(({ name }) => {
    const own = ours?.cells[name]?.efficiency;
    const others = rows.flatMap((row) => {
      const cell = row.cells[name];
      return row.ours || cell === undefined || cell.lost > 0
        ? []
        : { name: row.launcher, efficiency: cell.efficiency };
    });
    const best = others.sort((one, other) => other.efficiency - one.efficiency)[0];
    if (own === undefined || best === undefined) return `- ${name}: not measured`;
    return `- ${name}: ${ratio(own)} of the best possible; the best of the others, ${best.name}, ${ratio(best.efficiency)}`;
  });
  return ['mgpu-translate with warm workers reaches', '', ...sentences].join('\n');
}

const faultsText = (faults: FaultsResult): string =>
  `${faults.pages} *manga* pages of less than half the area, at best ${secondsText(faults.bestSeconds)}; ` +
  `with one GPU half as fast ${secondsText(faults.bestSecondsWithSlowGpu)}.`;

function launcherText({ rows }: LauncherResult): string {
  const longest = rows.at(-1);
  const from = longest?.samples.find(({ pages }) => pages >= 10_000) ?? longest?.samples[0];
  const to = longest?.samples.at(-1);
  if (longest === undefined || from === undefined || to === undefined) return '';
  const growth = (to.bytes / from.bytes - 1) * 100;
  return (
    `Between ${count(from.pages)} and ${count(to.pages)} pages done, memory goes from ${mebibytes(from.bytes)} to ` +
    `${mebibytes(to.bytes)} (${growth >= 0 ? '+' : '−'}${Math.abs(growth).toFixed(0)} %); its peak is ${mebibytes(longest.peakBytes)}.`
  );
}

const listOf = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
