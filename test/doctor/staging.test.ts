import { expect, test } from 'vitest';
import { type StagingSeen, stagingOf } from '../../src/doctor/staging.ts';

const SEEN: StagingSeen = {
  mode: 'auto',
  slow: undefined,
  readSeconds: 0.0004,
  chosen: { path: '/dev/shm', roomBytes: 1_000_000_000 },
  places: ['/dev/shm', '/tmp'],
};
const NAS = { at: '/mnt/nas', type: 'nfs4' };

test.each([
  ['a local disk', {}, 'reading a page takes 0.4 ms: pages are not copied ahead of the workers'],
  [
    'a slow one',
    { readSeconds: 0.06 },
    'reading a page takes 60.0 ms: where translating one takes less than 3.0 s, pages are copied to /dev/shm ahead of the workers, up to 1 GB',
  ],
  [
    'a network',
    { slow: NAS },
    'the input is on nfs4 (/mnt/nas): pages are copied to /dev/shm ahead of the workers, up to 1 GB',
  ],
  ['nothing read', { readSeconds: undefined }, 'the first pages of a run decide whether pages are copied'],
  ['wanted', { mode: 'on' }, 'pages are copied to /dev/shm ahead of the workers, up to 1 GB (--stage on)'],
  ['not wanted', { mode: 'off', slow: NAS }, 'pages are not copied ahead of the workers (--stage off)'],
] as const)('says what --stage would do: %s', (_what, seen, text) => {
  expect(stagingOf({ ...SEEN, ...seen })).toEqual({ check: 'staging', level: 'ok', text });
});

test('says where there is no room, and what to do', () => {
  expect(stagingOf({ ...SEEN, chosen: undefined })).toEqual({
    check: 'staging',
    level: 'warning',
    text: 'pages are not copied ahead of the workers: no room in /dev/shm or /tmp',
    mend: 'name a folder with --stage-folder',
  });
});
