import { archiveTargets } from './archive-targets.ts';
import { imageTargets } from './image-targets.ts';
import { logTargets } from './log-targets.ts';
import { nameTargets } from './name-targets.ts';
import { optionTargets } from './option-targets.ts';
import { outputTarget, protocolTargets } from './protocol-targets.ts';
import { storeTargets } from './store-targets.ts';
import type { FuzzTarget } from './target.ts';
import { textTargets } from './text-targets.ts';
import { toolTargets } from './tool-targets.ts';

/** Everything that reads what others wrote. */
export const targets: readonly FuzzTarget[] = [
  ...protocolTargets,
  ...storeTargets,
  ...imageTargets,
  ...archiveTargets,
  ...optionTargets,
  ...nameTargets,
  ...toolTargets,
  outputTarget,
  ...logTargets,
  ...textTargets,
];
