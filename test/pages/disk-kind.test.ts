import { expect, test } from 'vitest';
import { kindOfDisk, mountOf } from '../../src/pages/disk-kind.ts';

const MOUNTS = String.raw`22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:25 / /dev/shm rw,nosuid - tmpfs tmpfs rw
41 22 0:40 / /mnt rw - autofs systemd-1 rw
42 41 0:41 / /mnt/nas rw,relatime shared:7 master:2 - nfs4 nas:/export rw,vers=4.2
43 22 0:42 / /mnt/my\040drive rw - fuse.rclone remote: rw
44 22 0:43 / /mnt/nas2 rw - cifs //nas/share rw
45 22 8:1 / /data rw - ext4 /dev/sda1 rw
46 22 0:44 / /data rw - nfs nas:/data rw

broken line`;

test.each([
  ['/home/me/book', '/', 'ext4'],
  ['/mnt/nas', '/mnt/nas', 'nfs4'],
  ['/mnt/nas/book/1', '/mnt/nas', 'nfs4'],
  ['/mnt/nas2/book', '/mnt/nas2', 'cifs'],
  ['/mnt/nasty', '/mnt', 'autofs'],
  ['/mnt/my drive/book', '/mnt/my drive', 'fuse.rclone'],
  ['/data/book', '/data', 'nfs'],
])('%s is on %s', (path, at, type) => {
  expect(mountOf(MOUNTS, path)).toEqual({ at, type });
});

test('says nothing where nothing is said', () => {
  expect(mountOf('', '/home')).toBeUndefined();
  expect(mountOf('- - -\n1 2 3 - ext4', '/home')).toBeUndefined();
});

test.each([
  ['nfs4', 'network'],
  ['cifs', 'network'],
  ['9p', 'network'],
  ['lustre', 'network'],
  ['fuse.sshfs', 'fuse'],
  ['fuse', 'fuse'],
  ['fuse.fuse-overlayfs', 'other'],
  ['ext4', 'other'],
  ['overlay', 'other'],
  ['tmpfs', 'other'],
  ['', 'other'],
] as const)('%s: %s', (type, kind) => {
  expect(kindOfDisk(type)).toBe(kind);
});
