import { expect, test } from 'vitest';
import { configJsonSchema } from '../../src/cli/json-schema.ts';
import { printedConfig, printedConfigJson } from '../../src/cli/print-config.ts';
import { redactor } from '../../src/model/redact.ts';
import { readRunOptions } from '../../src/options/read-options.ts';

const { options: redact } = redactor({});
const { origins } = readRunOptions({
  given: {
    inputs: [],
    flags: { gpus: '0,1', command: 'tr --key k1', printConfig: true },
    translatorArgs: ['--api-key', 'k2', 'a b'],
  },
  env: { MGPU_MAX_TIME: '8h' },
  cwd: '/',
});

test('shows each option with its value and origin, secrets redacted', () => {
  const lines = printedConfig(origins, redact).split('\n');
  expect(lines.find((line) => line.startsWith('gpus '))).toMatch(/^gpus +0,1 +flag$/);
  expect(lines.find((line) => line.startsWith('maxTime '))).toMatch(/^maxTime +8h +env MGPU_MAX_TIME$/);
  expect(lines.find((line) => line.startsWith('pageTimeout '))).toMatch(/^pageTimeout +15m +default$/);
  expect(lines.find((line) => line.startsWith('translatorArgs '))).toMatch(
    /^translatorArgs +--api-key \[redacted\] "a b" +flag$/,
  );
  expect(lines.join()).not.toMatch(/k\d/);
});

test('says the same as JSON', () => {
  const read = JSON.parse(printedConfigJson(origins, redact));
  expect(read.command).toEqual({ value: 'tr --key [redacted]', from: 'flag' });
  expect(read.retries).toEqual({ value: '2', from: 'default' });
});

test('the JSON Schema knows each key of the config file and no other', () => {
  const schema = configJsonSchema() as { properties: Record<string, unknown>; additionalProperties: boolean };
  expect(Object.keys(schema.properties).sort()).toEqual(['$schema', ...Object.keys(origins)].sort());
  expect(schema.additionalProperties).toBe(false);
  expect(schema).not.toHaveProperty('required');
  expect(schema.properties['strategy']).toMatchObject({
    enum: ['auto', 'even', 'balanced', 'dynamic', 'vram'],
    description: expect.stringContaining('default'),
  });
});
