// Breaks what can break while the built program runs, and checks its promises: npm run chaos [-- --faults N --seed S]
import { resolve } from 'node:path';
import { readOptions, USAGE } from './options.ts';
import { writeReliabilityPage } from './reliability-page.ts';
import { runFaults } from './run-faults.ts';
import { isSound } from './seed-result.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/reliability.md');

const say = (text: string): void => console.log(text);

try {
  const options = readOptions(process.argv.slice(2));
  const faults = await runFaults(options, say);
  if (options.write) {
    await writeReliabilityPage(PAGE, faults);
    say(`\nwritten: ${PAGE}`);
  }
  process.exitCode = isSound(faults) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
