// Breaks what can break while the built program runs, and checks its promises: npm run chaos [-- --faults N --seed S]
import { readOptions, USAGE } from './options.ts';
import { runFaults } from './run-faults.ts';

const say = (text: string): void => console.log(text);

try {
  const options = readOptions(process.argv.slice(2));
  process.exitCode = (await runFaults(options, say)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
