/** In lower case: Windows is not consistent. */
const OF_SYSTEMS: ReadonlySet<string> = new Set([
  // Synology: thumbnails of each picture, deleted files, snapshots.
  '@eadir',
  '@tmp',
  '#recycle',
  '#snapshot',
  // QNAP.
  '@recycle',
  '@recently-snapshot',
  // NetApp.
  '~snapshot',
  // Windows.
  '$recycle.bin',
  'recycler',
  'system volume information',
  // macOS: archives that were packed there, and what it leaves on network disks.
  '__macosx',
  'network trash folder',
  // Linux.
  'lost+found',
]);

/** True for the name of a folder that a NAS or an operating system keeps for itself: thumbnails, deleted files, snapshots. */
export const isOfSystem = (name: string): boolean => OF_SYSTEMS.has(name.toLowerCase());

/** True for a hidden name too: neither is walked, unless it is an input itself. */
export const isLeftOutName = (name: string): boolean => name.startsWith('.') || isOfSystem(name);
