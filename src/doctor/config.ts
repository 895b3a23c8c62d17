import type { DoctorContext } from './context.ts';
import { type Finding, fine, warning } from './finding.ts';

const CHECK = 'config file';

/** Which config file a run would read, and which ones it would not; nothing where there is none. */
export function checkConfig({ config: { file, notices } }: DoctorContext): Finding[] {
  const read = file === undefined ? [] : [fine(CHECK, `options are read from ${file}`)];
  return [...read, ...notices.map((text) => warning(CHECK, text))];
}
