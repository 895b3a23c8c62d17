import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { flagOf, type OptionSpec } from '../../src/options/option-spec.ts';
import { RUN_OPTIONS } from '../../src/options/option-table.ts';
import { readPage, titledBlocks } from './shown.ts';

const BLOCKS = new Map(
  titledBlocks(await readPage('docs/docker.md')).map(({ title, code }) => [title, code]),
);
const shown = (title: string): string => BLOCKS.get(title) ?? '';

const OPTIONS: readonly (readonly [string, OptionSpec])[] = Object.entries(RUN_OPTIONS);
const FLAGS = OPTIONS.map(([key, spec]) => flagOf(key, spec));

/** The flags of mgpu-translate in a command, after its word `run`. */
const flagsOf = (command: string): string[] => command.match(/(?<=\s)--[a-z-]+/g) ?? [];

test('the image starts the command in the exec form, and signals reach it', () => {
  const lines = shown('Dockerfile').trim().split('\n');
  expect(lines.slice(0, 3).map((line) => line.split(' ')[0])).toEqual(['FROM', 'COPY', 'RUN']);
  expect(JSON.parse(lines.at(-1)?.replace('ENTRYPOINT ', '') ?? '')).toEqual(['mgpu-translate']);
});

test('the Compose file gives one service two GPUs, an init process and time to stop', () => {
  const { services } = parse(shown('compose.yaml'));
  const { translate } = services;
  expect(translate.deploy.resources.reservations.devices).toEqual([
    { driver: 'nvidia', device_ids: ['0', '1'], capabilities: ['gpu'] },
  ]);
  expect(translate).toMatchObject({ init: true, shm_size: '2gb', stop_grace_period: '10m' });
  expect(translate.volumes).toContain('./input:/input:ro');
  expect(translate).not.toHaveProperty('restart');
});

test('the command line and the Compose file run the same command, whose options are there', () => {
  const [, line = ''] = shown('docker-run').split(/\bmgpu-translate (?=run )/);
  expect(line.trim()).toBe(parse(shown('compose.yaml')).services.translate.command);
  expect(flagsOf(line)).toEqual(['--output', '--translator', '--gpus']);
  expect(flagsOf(line).filter((flag) => !FLAGS.includes(flag))).toEqual([]);
});
