// Breaks what can break while the built program runs, and checks its promises: npm run chaos [-- --faults N --seed S]
// Gives its parsers what they were not made for: npm run chaos -- --fuzz N [--seed S]
import { runFuzz } from './fuzz/run-fuzz.ts';
import { readOptions, USAGE } from './options.ts';
import { runFaults } from './run-faults.ts';

const say = (text: string): void => console.log(text);

try {
  const options = readOptions(process.argv.slice(2));
  const { fuzz, seeds, onlyInput: only } = options;
  let isSound = true;
  if (fuzz === undefined) isSound = await runFaults(options, say);
  else for (const seed of seeds) isSound = (await runFuzz({ inputs: fuzz, seed, only, say })) && isSound;
  process.exitCode = isSound ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
