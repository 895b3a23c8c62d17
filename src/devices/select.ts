import { cannotRun, type Refusal, usageError } from '../model/refusal.ts';
import type { Gpu } from '../model/slot.ts';
import type { DetectedGpus } from './detect.ts';
import { hasUuidPrefix, type VisibleGpus, visibleGpus } from './visible.ts';

const MOSTLY_TAKEN_SHARE = 0.8;
const MAX_INDEX = 1023;
const NOT_INSTALLED = ': not installed';
const FORMS = 'a list like 0,1 or 0-3, UUIDs, auto, idle or cpu';

/** What a run works on. On the CPU the list is empty. */
export interface SelectedGpus {
  readonly gpus: readonly Gpu[];
  readonly cpu: boolean;
  /** Warnings, a line each. */
  readonly notices: readonly string[];
}

/** What `--gpus` holds, what the machine has, and the environment we were started in. */
interface SelectOptions {
  readonly wanted: string;
  readonly detected: DetectedGpus;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The GPUs that a run takes. Throws a usage error for a list that is none or names what isn't there, and refuses (exit 3) where
 * `auto` finds none.
 */
export function selectGpus({ wanted, detected, env }: SelectOptions): SelectedGpus {
  const word = wanted.trim().toLowerCase();
  if (word === 'cpu') return { gpus: [], cpu: true, notices: [] };
  const visible = visibleGpus(detected, env);
  if (word === 'auto' || word === 'all') {
    if (visible.gpus.length === 0) throw noGpu(detected, visible);
    const notices = [...lostNotices(detected), ...memoryNotices(visible.gpus)];
    return { gpus: visible.gpus, cpu: false, notices };
  }
  const entries = parseList(wanted);
  if (detected.tool === undefined) return believed(entries, wanted, detected);
  const gpus: Gpu[] = [];
  for (const entry of entries) {
    const gpu = findGpu(entry, { detected, visible });
    if (gpus.includes(gpu)) throw namedTwice(wanted, gpu.index, entry);
    gpus.push(gpu);
  }
  return { gpus, cpu: false, notices: memoryNotices(gpus) };
}

/** True where more than 80 % of the card's memory is taken: a translator will hardly find room. */
export const memoryMostlyTaken = ({ memoryTotalBytes, memoryFreeBytes }: Gpu): boolean =>
  memoryTotalBytes !== undefined &&
  memoryFreeBytes !== undefined &&
  memoryTotalBytes > 0 &&
  1 - memoryFreeBytes / memoryTotalBytes > MOSTLY_TAKEN_SHARE;

/** Why a card that is listed can't be given to a worker, in words. */
export const whyUnusable = (why: 'needs-reset' | 'lost'): string =>
  why === 'needs-reset' ? 'the driver reports that it needs a reset' : 'it does not respond to the driver';

/** How a message names a GPU: `0 (Tesla T4)`; a MIG device with its UUID. */
export function describeGpu({ index, name, uuid }: Gpu): string {
  const words = [name, uuid?.startsWith('MIG-') ? uuid : undefined].filter((part) => part !== undefined);
  return words.length > 0 ? `${index} (${words.join(', ')})` : String(index);
}

type Entry = number | string;

function parseList(wanted: string): Entry[] {
  const entries: Entry[] = [];
  for (const part of wanted.split(',').map((each) => each.trim())) {
    const range = /^(\d{1,9})\s*-\s*(\d{1,9})$/.exec(part);
    if (range) {
      const [first, last] = [Number(range[1]), Number(range[2])];
      if (first > last) {
        throw usageError(`--gpus ${part}: a range goes from low to high`, `did you mean ${last}-${first}?`);
      }
      if (last > MAX_INDEX) throw usageError(`--gpus ${part}: no machine has a GPU ${last}`);
      for (let index = first; index <= last; index += 1) entries.push(index);
    } else if (/^\d{1,9}$/.test(part)) {
      entries.push(Number(part));
    } else if (/^(GPU|MIG)-[\w/-]+$/i.test(part) || /^[0-9a-f]{8}-[0-9a-f-]+$/i.test(part)) {
      entries.push(part);
    } else {
      throw badSyntax(wanted, part);
    }
  }
  return entries;
}

function badSyntax(wanted: string, part: string): Refusal {
  if (part === '')
    return usageError(`--gpus ${JSON.stringify(wanted)}: one entry is empty`, `expected ${FORMS}`);
  if (/^(cpu|auto|all|idle)$/i.test(part)) {
    return usageError(
      `--gpus ${JSON.stringify(wanted)}: ${part} can't be combined with others`,
      `expected ${FORMS}`,
    );
  }
  return usageError(`--gpus: ${JSON.stringify(part)} is not a GPU`, `expected ${FORMS}`);
}

interface Choice {
  readonly detected: DetectedGpus;
  readonly visible: VisibleGpus;
}

function findGpu(entry: Entry, { detected, visible }: Choice): Gpu {
  const matches = (gpu: Gpu) => (typeof entry === 'number' ? gpu.index === entry : hasUuidPrefix(gpu, entry));
  const there = `there ${visible.gpus.length === 1 ? 'is' : 'are'}: ${visible.gpus.map(describeGpu).join(', ') || 'none'}`;
  const [card] = detected.unusable.filter(({ gpu }) => matches(gpu));
  const [gpu, ...others] = detected.gpus.filter(matches);
  if (others.length > 0 || (gpu && card)) {
    const all = [gpu, ...others, card?.gpu].flatMap((each) => each?.uuid ?? []);
    throw usageError(`--gpus ${entry}: more than one GPU starts with this`, `matches: ${all.join(', ')}`);
  }
  if (card && card.why !== 'mig-mode') {
    throw usageError(`--gpus ${entry}: this GPU can't be used: ${whyUnusable(card.why)}`, there);
  }
  if (card) {
    const uuids = card.migDevices.flatMap((device) => device.uuid ?? []);
    throw usageError(
      `--gpus ${entry}: GPU ${describeGpu(card.gpu)} is in MIG mode and can't be used as a whole`,
      uuids.length > 0
        ? `its MIG devices are: ${uuids.join(', ')}`
        : 'it has no MIG device yet: create some with nvidia-smi mig -cgi',
    );
  }
  if (!gpu) {
    const said = complaintsOf(detected);
    throw usageError(`--gpus ${entry}: no such GPU${said.length > 0 ? ` (${said.join('; ')})` : ''}`, there);
  }
  if (!visible.gpus.includes(gpu)) {
    throw usageError(`--gpus ${entry}: ${visible.limitedBy} hides this GPU`, there);
  }
  return gpu;
}

function believed(entries: readonly Entry[], wanted: string, { troubles }: DetectedGpus): SelectedGpus {
  let next = Math.max(-1, ...entries.filter((entry) => typeof entry === 'number')) + 1;
  const gpus: Gpu[] = [];
  for (const entry of entries) {
    const visibleAs = String(entry);
    const twin = gpus.find((gpu) => gpu.visibleAs.toLowerCase() === visibleAs.toLowerCase());
    if (twin) throw namedTwice(wanted, twin.index, entry);
    gpus.push(
      typeof entry === 'number'
        ? { index: entry, vendor: 'unknown', visibleAs }
        : { index: next++, vendor: 'unknown', uuid: entry, visibleAs },
    );
  }
  const which = `GPU${gpus.length === 1 ? '' : 's'} ${wanted}`;
  return {
    gpus,
    cpu: false,
    notices: [`Can't verify ${which}: ${whyUnlisted(troubles)}. Using them as given.`],
  };
}

/** Why no GPU is listed: `no nvidia-smi, amd-smi or rocm-smi was found`, and what the tools that are there said. */
function whyUnlisted(troubles: readonly string[]): string {
  const missing = troubles.filter((trouble) => trouble.endsWith(NOT_INSTALLED));
  const names = missing.map((trouble) => trouble.slice(0, -NOT_INSTALLED.length));
  const others = troubles.filter((trouble) => !missing.includes(trouble));
  const last = names.pop();
  if (last === undefined) return others.join('; ') || 'no tool lists them';
  return [`no ${names.length > 0 ? `${names.join(', ')} or ` : ''}${last} was found`, ...others].join('; ');
}

function namedTwice(wanted: string, index: number, entry: Entry): Refusal {
  const as = typeof entry === 'number' ? '' : ` (${entry})`;
  return usageError(
    `--gpus ${wanted}: GPU ${index}${as} is named twice`,
    '--workers-per-gpu 2 puts two workers on one GPU',
  );
}

function noGpu(detected: DetectedGpus, { limitedBy }: VisibleGpus): Refusal {
  const hint = '--gpus cpu needs none; --gpus 0,1 uses the GPUs that you name';
  if (limitedBy !== undefined && detected.gpus.length > 0) {
    const hidden = detected.gpus.map(describeGpu).join(', ');
    return cannotRun(
      `no GPU: ${limitedBy} hides all of them: ${hidden}`,
      'unset that variable, or use --gpus cpu',
    );
  }
  const why = [
    ...detected.unusable.map(({ gpu, why }) =>
      why === 'mig-mode'
        ? `GPU ${gpu.index} is in MIG mode without a MIG device`
        : `GPU ${gpu.index} can't be used: ${whyUnusable(why)}`,
    ),
    ...detected.troubles,
  ];
  return cannotRun(`no GPU was found${why.length > 0 ? ` (${why.join('; ')})` : ''}`, hint);
}

/** What the tool that listed the GPUs complained of. */
const complaintsOf = ({ tool, troubles }: DetectedGpus): readonly string[] =>
  troubles.filter((trouble) => trouble.startsWith(`${tool}: `));

/** Cards that would have been taken, had they answered. */
export const lostNotices = (detected: DetectedGpus): string[] => [
  ...detected.unusable.flatMap(({ gpu, why }) =>
    why === 'mig-mode' ? [] : [`GPU ${describeGpu(gpu)} is not used: ${whyUnusable(why)}.`],
  ),
  ...complaintsOf(detected),
];

const memoryNotices = (gpus: readonly Gpu[]): string[] =>
  gpus
    .filter(memoryMostlyTaken)
    .map((gpu) => `GPU ${describeGpu(gpu)}: ${takenPercent(gpu)} % of its memory is already in use.`);

/** Percent of the card's memory that is taken; 0 where the tool didn't say. */
export const takenPercent = ({ memoryTotalBytes, memoryFreeBytes }: Gpu): number =>
  memoryTotalBytes && memoryFreeBytes !== undefined
    ? Math.round(100 * (1 - memoryFreeBytes / memoryTotalBytes))
    : 0;
