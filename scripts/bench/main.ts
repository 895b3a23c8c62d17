// Measures mgpu-translate and what people use instead, on the same simulated translator: npm run bench [-- --quick]
import { type Bench, closeBench, describeMachine, openBench } from './bench.ts';
import { faultsTable, measureFaults } from './faults.ts';
import { forecastTable, measureForecast } from './forecast.ts';
import { launcherTable, measureLauncher, samplesTable } from './launcher.ts';
import { measureOneCard, oneCardTable } from './one-card.ts';
import { type BenchOptions, readOptions, SECTIONS, type Section, USAGE } from './options.ts';
import { aimsText, fromStartTable, loadsTable, measurePeers, peersTable } from './peers.ts';
import { writePerformancePage } from './performance-page.ts';
import { inFull, type Results, readResults, writeResults } from './results.ts';
import { measureStaging, stagingTable } from './staging.ts';
import { measureStart, startTable } from './start.ts';
import { measureStrategies, strategiesTable } from './strategies.ts';
import { measureVram, vramTable } from './vram.ts';

const say = (text: string): void => console.log(text);

async function main(options: BenchOptions): Promise<void> {
  const bench = await openBench(options, say);
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      closeBench(bench);
      process.exit(code);
    });
  }
  try {
    let results: Results = { ...(await readResults(bench.home)), machine: describeMachine(bench) };
    for (const section of options.docs ? [] : options.only) {
      const began = Date.now();
      say(`\n== ${section}\n`);
      results = { ...results, ...(await measureSection(bench, section)) };
      await writeResults(bench.home, results);
      say(`\n(${Math.round((Date.now() - began) / 1000)} s)`);
    }
    if (!options.docs && !isFull(options)) return;
    say(`\nwritten: ${(await writePerformancePage(bench.docs, inFull(results))).join(', ')}`);
  } finally {
    closeBench(bench);
  }
}

async function measureSection(bench: Bench, section: Section): Promise<Partial<Results>> {
  const full = isMeasuredInFull(bench.options);
  switch (section) {
    case 'start': {
      const start = await measureStart(bench);
      say(`\n${startTable(start)}`);
      return { start: { ...start, full } };
    }
    case 'peers': {
      const peers = await measurePeers(bench);
      // Short pages reach no aim: start-up is most of their time.
      const aims = full ? [aimsText(peers)] : [];
      for (const text of [peersTable(peers), ...aims, fromStartTable(peers), loadsTable(peers)])
        say(`\n${text}`);
      return { peers: { ...peers, full } };
    }
    case 'strategies': {
      const strategies = await measureStrategies(bench);
      say(`\n${strategiesTable(strategies)}`);
      return { strategies: { ...strategies, full } };
    }
    case 'faults': {
      const faults = await measureFaults(bench);
      say(`\n${faultsTable(faults)}`);
      return { faults: { ...faults, full } };
    }
    case 'forecast': {
      const forecast = await measureForecast(bench);
      say(`\n${forecastTable(forecast)}`);
      return { forecast: { ...forecast, full } };
    }
    case 'one-card': {
      const oneCard = await measureOneCard(bench);
      say(`\n${oneCardTable(oneCard)}`);
      return { oneCard: { ...oneCard, full } };
    }
    case 'launcher': {
      const launcher = await measureLauncher(bench);
      for (const text of [launcherTable(launcher), samplesTable(launcher)]) say(`\n${text}`);
      return { launcher: { ...launcher, full } };
    }
    case 'vram': {
      const vram = await measureVram(bench);
      say(`\n${vramTable(vram)}`);
      return { vram: { ...vram, full } };
    }
    case 'staging': {
      const staging = await measureStaging(bench);
      say(`\n${stagingTable(staging)}`);
      return { staging: { ...staging, full } };
    }
  }
}

const isMeasuredInFull = ({ quick, scale, launchers, mixes }: BenchOptions): boolean =>
  !quick && scale === 1 && launchers === undefined && mixes === undefined;

const isFull = (options: BenchOptions): boolean =>
  isMeasuredInFull(options) && SECTIONS.every((section) => options.only.includes(section));

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
