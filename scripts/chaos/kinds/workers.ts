import type { FaultKind, StoryLimits } from '../fault-kind.ts';
import type { Setting } from '../setting.ts';

type Fits = (setting: Setting, limits: StoryLimits) => boolean;

const both: Fits = () => true;
const warm: Fits = ({ mode }) => mode === 'warm';
const script: Fits = ({ mode }) => mode === 'script';

/** What `chaos_translator.py` can do, by the name that it goes by there. */
const FAULTS: readonly (readonly [name: string, fault: string, fits: Fits])[] = [
  ['hangs on a page', 'hang', both],
  ['hangs and ignores SIGTERM', 'deaf', both],
  ['hangs with half an image written', 'half-hang', both],
  ['segfaults', 'crash', both],
  ['is killed with half an image written', 'half-killed', both],
  ['ends with exit code 0 within a page', 'exit0', both],
  ['ends with a traceback', 'exit1', both],
  ['ends out of memory', 'die-oom', both],
  ['tells of out of memory', 'oom', both],
  ['tells of an error', 'error', both],
  ['calls a good page unreadable', 'unreadable', both],
  ['says done and writes nothing', 'no-output', both],
  ['writes half an image and goes on', 'half', both],
  // Of a script only the name tells whose output a file is: there nobody could find this out.
  ['writes to the place of an earlier page', 'misplaced', warm],
  ['writes under a name that is no page’s', 'misnamed', both],
  ['floods its log', 'flood', both],
  ['prints its keys', 'secret', both],
  ['ends and leaves a process that holds its pipes', 'grandchild', both],
  ['takes more and more memory', 'leak', warm],
  ['floods stdout', 'flood-stdout', warm],
  ['answers twice', 'twice', warm],
  ['ends after its answer', 'after-exit', warm],
  ['ends within its answer', 'half-answer', warm],
  ['prints what is no protocol', 'garbage', warm],
  ['answers for a page that it never got', 'other-page', warm],
  ['says ready again', 'ready-again', warm],
  ['closes stdout and stays', 'close-stdout', warm],
  ['refuses with busy', 'busy', warm],
  ['gives nothing back', 'untranslated', warm],
  ['tells of odd stages', 'stages', warm],
  ['has its keys in an error', 'secret-message', warm],
  ['is never ready', 'start-never', warm],
  ['says ready twice at its start', 'start-twice', warm],
  ['prints noise before it is ready', 'start-noise', both],
  ['ends at its start', 'start-crash', both],
  ['is killed at its start', 'start-killed', both],
  ['does not end after its last page', 'end-hang', script],
];

/** Workers that hang, lie, crash, leak and refuse. A fault waits for the next worker that begins a page, or starts. */
export const WORKER_FAULTS: readonly FaultKind[] = FAULTS.map(([name, fault, fits]) => ({
  name: `worker ${name}`,
  group: 'workers',
  anytime: true,
  fits,
  inject: (scene) => {
    scene.lay(fault);
    return 'waits';
  },
}));

/** The kind of a fault that was taken. */
export const kindOfTaken = (taken: string): string | undefined => {
  const found = FAULTS.find(([, fault]) => fault === taken);
  return found && `worker ${found[0]}`;
};
