import type { Finding } from './finding.ts';
import { fine } from './finding.ts';

/** Which Node runs the launcher; one that is too old does not come so far. */
export const checkNode = (): Finding => fine('Node', `${process.version}, ${process.execPath}`);
