import { expect, test } from 'vitest';
import { availableMemory } from '../../src/devices/main-memory.ts';

const GIB = 1024 ** 3;
const MEMINFO = 'MemTotal: 33554432 kB\nMemAvailable: 16777216 kB\n';
const of = (files: Readonly<Record<string, string>>) => availableMemory((file) => files[file]);

test.each([
  ['no limit', {}, 16],
  ['a group without one', { 'a.slice/memory.max': 'max\n', 'a.slice/memory.current': '5\n' }, 16],
  ['a group’s limit', { 'a.slice/memory.max': `${4 * GIB}\n`, 'a.slice/memory.current': `${3 * GIB}\n` }, 1],
  [
    'files that make way',
    {
      'a.slice/memory.max': `${4 * GIB}\n`,
      'a.slice/memory.current': `${4 * GIB}\n`,
      'a.slice/memory.stat': `anon 5\ninactive_file ${2 * GIB}\nactive_file 7\n`,
    },
    2,
  ],
  [
    'the limit of a group around it',
    {
      'a.slice/memory.max': `${2 * GIB}\n`,
      'a.slice/memory.current': `${GIB}\n`,
      'a.slice/b.scope/memory.max': `${9 * GIB}\n`,
      'a.slice/b.scope/memory.current': '0\n',
    },
    1,
  ],
  ['a container', { 'memory.max': `${3 * GIB}\n`, 'memory.current': `${GIB}\n` }, 2],
  ['more used than allowed', { 'memory.max': `${GIB}\n`, 'memory.current': `${2 * GIB}\n` }, 0],
  ['nonsense', { 'memory.max': '12 GB\n', 'memory.current': '-1\n' }, 16],
])('%s', (_what, group, gib) => {
  const files = Object.fromEntries(
    Object.entries(group).map(([name, text]) => [`/sys/fs/cgroup/${name}`, text]),
  );
  const self = { '/proc/meminfo': MEMINFO, '/proc/self/cgroup': '0::/a.slice/b.scope\n' };
  expect(of({ ...self, ...files })).toBe(gib * GIB);
});

test('groups of the first kind', () => {
  const folder = '/sys/fs/cgroup/memory/docker/1';
  expect(
    of({
      '/proc/meminfo': MEMINFO,
      '/proc/self/cgroup': '11:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n',
      [`${folder}/memory.limit_in_bytes`]: `${8 * GIB}\n`,
      [`${folder}/memory.usage_in_bytes`]: `${7 * GIB}\n`,
      [`${folder}/memory.stat`]: `inactive_file 1\ntotal_inactive_file ${GIB}\n`,
    }),
  ).toBe(2 * GIB);
});

test('where nobody tells it is not known', () => {
  expect(of({})).toBeUndefined();
});

test('of this machine', () => {
  expect(availableMemory()).toBeGreaterThan(0);
});
