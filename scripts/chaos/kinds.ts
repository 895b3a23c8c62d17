import type { FaultKind } from './fault-kind.ts';
import { CALL_FAULTS } from './kinds/calls.ts';
import { DISK_FAULTS } from './kinds/disk.ts';
import { FILE_FAULTS } from './kinds/files.ts';
import { LAUNCHER_FAULTS } from './kinds/launchers.ts';
import { SIGNAL_FAULTS } from './kinds/signals.ts';
import { WORKER_FAULTS } from './kinds/workers.ts';

/** All that these runs do to the program. */
export const KINDS: readonly FaultKind[] = [
  ...SIGNAL_FAULTS,
  ...WORKER_FAULTS,
  ...FILE_FAULTS,
  ...DISK_FAULTS,
  ...LAUNCHER_FAULTS,
  ...CALL_FAULTS,
];
