// Breaks what can break while the built program runs, and checks its promises: npm run chaos [-- --faults N --seed S]
// Gives its parsers what they were not made for: npm run chaos -- --fuzz N [--seed S]
import { resolve } from 'node:path';
import { type FuzzResult, isFuzzSound, runFuzz } from './fuzz/run-fuzz.ts';
import { readOptions, USAGE } from './options.ts';
import { writeReliabilityPage } from './reliability-page.ts';
import { runFaults } from './run-faults.ts';
import { isSound } from './seed-result.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/reliability.md');

const say = (text: string): void => console.log(text);

try {
  const options = readOptions(process.argv.slice(2));
  const { seeds, onlyInput: only } = options;
  const faults = options.faults > 0 ? await runFaults(options, say) : undefined;
  const fuzz: FuzzResult[] = [];
  if (options.fuzz > 0)
    for (const seed of seeds) fuzz.push(await runFuzz({ inputs: options.fuzz, seed, only, say }));
  if (options.write && faults) {
    await writeReliabilityPage(PAGE, faults, fuzz);
    say(`\nwritten: ${PAGE}`);
  }
  process.exitCode = (faults === undefined || isSound(faults)) && fuzz.every(isFuzzSound) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
