// Writes the words of programs that ran out of memory into the Python library, which is one file for users to copy: tsx scripts/write-worker-words.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NO_FAILURE, OUT_OF_MEMORY } from '../src/translators/out-of-memory.ts';
import { pythonFile } from '../src/translators/python-files.ts';

const LIBRARY = pythonFile('mgpu_worker.py');
const BEGIN = '# Made by scripts/write-worker-words.ts from src/translators/out-of-memory.ts: from here\n';
const END = '# to here\n';

/** The library with its words written anew; what stands around them stays. */
export function withWorkerWords(library: string): string {
  const begin = library.indexOf(BEGIN);
  const end = library.indexOf(END);
  if (begin === -1 || end < begin)
    throw new Error(`the library has lost its mark ${BEGIN.trim()} or ${END.trim()}`);
  const words = tupleOf('_OUT_OF_MEMORY', OUT_OF_MEMORY) + tupleOf('_NO_FAILURE', NO_FAILURE);
  return `${library.slice(0, begin)}${BEGIN}${words}${library.slice(end)}`;
}

const tupleOf = (name: string, patterns: readonly string[]): string =>
  `${name} = (\n${patterns.map((pattern) => `    r"${pattern}",\n`).join('')})\n`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(LIBRARY, withWorkerWords(readFileSync(LIBRARY, 'utf8')));
}
