import { realpath } from 'node:fs/promises';
import { readRegular } from './open-regular.ts';

/** What a disk is, as far as its type tells: `fuse` has a program behind it, mostly one that talks to a network. */
export type DiskKind = 'network' | 'fuse' | 'other';

/** A mounted file system. */
export interface Mount {
  readonly at: string;
  /** `ext4`, `nfs4`, `fuse.sshfs`. */
  readonly type: string;
}

const MOST_BYTES = 4 * 1024 * 1024;

const NETWORK = new Set(
  (
    'nfs nfs3 nfs4 cifs smb2 smb3 smbfs ncpfs afs ceph lustre gpfs beegfs fhgfs glusterfs ocfs2 gfs2 orangefs pvfs2 coda ' +
    'acfs panfs wekafs davfs 9p drvfs vboxsf vmhgfs prl_fs'
  ).split(' '),
);
/** What a container without root stands on: a local disk, though a program is between. */
const LOCAL_FUSE = new Set(['fuse.fuse-overlayfs', 'fuse.lxcfs']);

/** What the type of a file system says of its disk. */
export function kindOfDisk(type: string): DiskKind {
  const name = type.toLowerCase();
  if (NETWORK.has(name)) return 'network';
  const isFuse = name === 'fuse' || name === 'fuseblk' || name.startsWith('fuse.');
  return isFuse && !LOCAL_FUSE.has(name) ? 'fuse' : 'other';
}

/** The file system that a real path is on, by the text of /proc/self/mountinfo; undefined where that doesn't say. */
export function mountOf(mountinfo: string, path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ', 2);
    const at = before.split(' ')[4];
    const type = after.split(' ', 1)[0];
    if (at === undefined || type === undefined || type === '') continue;
    const mount = { at: unescaped(at), type };
    // One that was mounted later over the same folder hides the earlier one.
    if (isWithin(path, mount.at) && mount.at.length >= (found?.at.length ?? 0)) found = mount;
  }
  return found;
}

/** The file system that a file or folder is on, links followed; undefined where nobody says (another system than Linux). */
export async function diskOf(path: string): Promise<Mount | undefined> {
  const mountinfo = await readRegular('/proc/self/mountinfo', { maxBytes: MOST_BYTES }).catch(
    () => undefined,
  );
  if (mountinfo === undefined) return undefined;
  return mountOf(mountinfo, await realpath(path).catch(() => path));
}

const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
