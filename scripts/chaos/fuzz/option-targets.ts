import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { readConfigFile } from '../../../src/options/config-file.ts';
import { RUN_OPTIONS } from '../../../src/options/option-table.ts';
import { readRunOptions } from '../../../src/options/read-options.ts';
import { secretsInDotenv } from '../../../src/translators/dotenv.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const JSON_CONFIG =
  '{"input":["a"],"gpus":"0,1","workersPerGpu":2,"exclude":["cover.*"],"pageTimeout":"5m","translatorArgs":["-l","ENG"],"part":"1/2"}';
const YAML_CONFIG =
  'input: a\ngpus: 0,1\nworkersPerGpu: 2\nexclude:\n  - cover.*\n  - "x"\npageTimeout: 5m # long\nanchor: &a [1, 2]\nother: *a\n';
const KEYS = Object.keys(RUN_OPTIONS);

async function readConfig(input: Buffer, file: string): Promise<void> {
  writeFileSync(file, input);
  const cwd = path.dirname(file);
  const configFile = await readConfigFile({ cwd, named: file });
  readRunOptions({ given: { inputs: ['a'], flags: {} }, env: {}, cwd, configFile, home: '/home/me' });
}

/** What users, or those who share a folder with them, set. */
export const optionTargets: readonly FuzzTarget[] = [
  {
    name: 'config-json',
    kind: 'config and .env',
    examples: asBuffers(JSON_CONFIG),
    words: KEYS,
    longestBytes: 1_000_001,
    share: 0.3,
    read: (input, { folder }) => readConfig(input, path.join(folder, 'c.json')),
  },
  {
    name: 'config-yaml',
    kind: 'config and .env',
    examples: asBuffers(YAML_CONFIG, JSON_CONFIG),
    words: [
      ...KEYS.map((key) => `${key}: `),
      '\n',
      '\n  - ',
      '&a ',
      '*a',
      '<<: ',
      '!!js/function ',
      '|\n',
      '>\n',
      '? ',
      '%YAML 1.1\n',
    ],
    longestBytes: 16_001,
    // A parser that is not ours: 30 µs a byte at worst. It reads one file of the user's own, once.
    slowMs: 600,
    share: 0.3,
    read: (input, { folder }) => readConfig(input, path.join(folder, 'c.yaml')),
  },
  {
    name: 'dotenv',
    kind: 'config and .env',
    examples: asBuffers(
      'OPENAI_API_KEY="sk-abc" # mine\nexport DEEPL_KEY=\'x y\'\nTOKEN: `z`\n\nPLAIN=1\n',
      'A_KEY=value # comment\n',
    ),
    words: ['KEY=', 'export ', ' #', '\n', '"', '\\"', "'", '`', ' ', '\t'],
    longestBytes: 64 * 1024,
    read: (input) => secretsInDotenv(input.toString('utf8')),
  },
  {
    name: 'option-value',
    kind: 'options',
    examples: asBuffers(
      '8h30m',
      '12GB',
      '512MiB',
      '2/4',
      'auto/4',
      'auto',
      'off',
      '0-3,5',
      'GPU-1234',
      'png',
      'dynamic',
      'a,b{c,d}',
      '~/x',
    ),
    words: ['1h', '0', '/', ',', '-', 'GPU-', 'MIG-', '{', '}', '.', ' '],
    // As long as Linux lets a word of a command line, or a variable, be.
    longestBytes: 128 * 1024,
    read: (input, { random }) => {
      const value = input.toString('utf8').replaceAll('\0', '');
      const key = KEYS[random.below(KEYS.length)] ?? 'gpus';
      const variable = `MGPU_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
      const isFlag = random.chance(0.5);
      const flags = isFlag ? { [key]: value } : {};
      const env = isFlag ? {} : { [variable]: value };
      return readRunOptions({ given: { inputs: ['a'], flags }, env, cwd: '/', home: '/home/me' });
    },
  },
];
