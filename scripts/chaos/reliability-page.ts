import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { fuzzTable } from './fuzz/fuzz-table.ts';
import type { FuzzResult } from './fuzz/run-fuzz.ts';
import { type FaultsResult, seedText } from './seed-result.ts';
import { checksTable, faultsTable } from './tables.ts';

/** Writes the page, every figure from what was seen. */
export async function writeReliabilityPage(
  file: string,
  faults: FaultsResult,
  fuzz: readonly FuzzResult[],
): Promise<void> {
  await writeFile(file, reliabilityText(faults, fuzz));
}

/** The page as Markdown. */
export function reliabilityText(faults: FaultsResult, fuzz: readonly FuzzResult[] = []): string {
  const { seeds } = faults;
  const names = seeds.map(({ seed }) => seed).join(',');
  const hits = seeds.map(({ stories }) => stories.reduce((sum, { injected }) => sum + injected.length, 0));
  return `<!-- Written by npm run chaos -- --write: what is changed here by hand is lost with the next run. -->
# Reliability

\`npm run chaos\` runs the built program while things go wrong at random, and checks its promises afterwards. These are the results on
${availableParallelism()} cores with Node ${process.version.slice(1)}:

${seeds.map((seed) => `- ${seedText(seed)}`).join('\n')}

\`\`\`sh
npm run chaos -- --faults ${Math.min(...hits)} --seed ${names}   # the same faults again
npm run chaos -- --seed ${seeds[0]?.seed ?? 1} --only 7            # one story alone, step by step
\`\`\`

## What happens

Each story has a new folder with 10 to 40 small pages, in nested folders, with names that repeat and names that are awkward. It has
one command: warm workers or a script, 2 to 4 slots on the CPU or on two GPUs, a strategy, \`--link\`, \`--on-failed\`, sometimes two
parts side by side, sometimes an output on a small disk or a work folder on another one. The limits are \`--page-timeout 3s\` and
\`--start-timeout 5s\`.

The command runs one to three times with faults: some milliseconds after the start, or after so many workers started, pages begun or
pages finished. Then the faults are taken back: stopped processes go on, disks are freed, workers behave. Cut and removed pages are
put back in half of the stories. **The last run has no faults**, and then the promises are checked. All of it is drawn from the seed;
what a fault meets also depends on the clock, so a story that is told again may differ in details.

A page's output depends on every byte of its source, and the check compares whole files. So an output that is cut, of another page
or of an older source can't pass.

## Promises

${checksTable(seeds)}

- **ends**: also a run in which a worker hangs and ignores SIGTERM (3 s of \`--page-timeout\`, then 3 s to end). Time in which launcher and
  workers wait for a processor is not counted: others may keep the machine busy.
- **exit code**: 0, 1, 3 or that of the signal that was sent, the same as in the events, and what the pages say.
- **outcome**: pages that always break, and pages whose file was left cut, have to fail; all others have to be translated. Ledger, report
  and events have to agree.
- **original**: byte by byte what it was, or what the story itself made of it.
- **process**: workers, what these started, and guards; looked for by a variable in their environment, 2 s after the last run.
- **temporary file**: in the output, in \`.mgpu\`, in \`--work\`, in \`TMPDIR\`. What a launcher was making when it was killed,
  or may not remove, may stay for the minute in which nobody can tell that it is dead; it has to be gone after a run that comes later.
- **secret**: keys from the environment and the command line, which workers print whole, in pieces and in errors; looked for in all files of
  the output and in all that was shown.
- **made twice**: a page that was told translated, and whose source, output and ledger nobody touched, is not translated again.

## Faults

*Broken* counts the stories with this fault in which a promise was broken, by whichever of their faults.

${faultsTable(seeds, faults.limits)}
${fuzz.length > 0 ? inputsText(fuzz) : ''}`;
}

const inputsText = (fuzz: readonly FuzzResult[]): string => `
## Inputs

All that reads what others wrote gets inputs made from valid ones: bits are flipped, pieces cut out, repeated and put elsewhere, numbers
and encodings changed. None may throw anything but a refusal in words, take more than 50 ms of CPU three times in a row, or leave
memory behind.

\`\`\`sh
npm run chaos -- --fuzz 50000 --seed ${fuzz[0]?.seed ?? 1}
\`\`\`

${fuzzTable(fuzz)}
`;
