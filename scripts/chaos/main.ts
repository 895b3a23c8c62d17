import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz/run-fuzz.ts';

const { values } = parseArgs({
  options: { fuzz: { type: 'string' }, seed: { type: 'string', default: '1' }, only: { type: 'string' } },
});
const [target, index] = values.only?.split(':') ?? [];
const isSound = await runFuzz({
  inputs: Number(values.fuzz ?? 50_000),
  seed: Number(values.seed),
  only: target === undefined ? undefined : { target, index: index === undefined ? undefined : Number(index) },
  say: (line) => console.log(line),
});
process.exitCode = isSound ? 0 : 1;
