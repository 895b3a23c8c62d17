import type { Gpu, UnusableCard } from '../model/slot.ts';

const MIB = 1024 * 1024;
/** A device's name, profile and UUID take a third of it. */
const LONGEST_LINE = 500;
/** More than one machine has, complaints included; what is behind them is left out. */
const MOST_LINES = 1000;
/** Beyond this no machine has a GPU. */
const MAX_INDEX = 1023;
const FIELDS = ['index', 'uuid', 'name', 'memory.total', 'memory.free', 'utilization.gpu'] as const;

/** Arguments that make nvidia-smi list its cards as CSV. Drivers before 450 refuse the whole query for the MIG field. */
export const nvidiaQueryArgs = ({ mig }: { readonly mig: boolean }): string[] => [
  `--query-gpu=${[...FIELDS, ...(mig ? ['mig.mode.current'] : [])].join(',')}`,
  '--format=csv,noheader,nounits',
];

/** Arguments that make nvidia-smi list its cards with their MIG devices. */
export const NVIDIA_LIST_ARGS: readonly string[] = ['-L'];

/** Argument that asks for one card alone, by its number. */
export const nvidiaCardArg = (index: number): string => `--id=${index}`;

/** True for the output of a tool that could not reach a card, and may have left out others for it. */
export const tellsLostCard = (output: string): boolean =>
  /device handle for|GPU is lost|fallen off the bus/i.test(output);

/** What to do about a complaint; undefined where it says so itself, or nobody knows. */
export function nvidiaAdvice(complaint: string): string | undefined {
  if (/initialize NVML: Unknown Error/i.test(complaint))
    return 'a container that has lost its GPUs gets them back when it is restarted';
  if (/initialize NVML: Insufficient Permissions/i.test(complaint))
    return 'this user may not open /dev/nvidiactl and /dev/nvidia0';
  if (/GPU access blocked by the operating system/i.test(complaint))
    return 'in WSL: update the NVIDIA driver of Windows, then run wsl --shutdown';
  if (/Driver\/library version mismatch/i.test(complaint))
    return 'the driver was updated while it was loaded: reboot';
  if (tellsLostCard(complaint) && !/reboot/i.test(complaint)) return 'a card that is lost needs a reboot';
  return undefined;
}

/** True for the output of a driver that doesn't know one of the fields it was asked for. */
export const isUnknownField = (output: string): boolean => /is not a valid field to query/i.test(output);

/** One line of the CSV query. */
interface NvidiaCard {
  readonly gpu: Gpu;
  readonly migMode: boolean;
  /** The driver gave the card up: nothing runs on it before a reset, or a reboot. */
  readonly fault: 'needs-reset' | 'lost' | undefined;
}

/** What a query said: the cards, and the lines that are none (a lost GPU is told of in words). */
interface NvidiaCards {
  readonly cards: readonly NvidiaCard[];
  readonly otherLines: readonly string[];
}

/**
 * Reads the answer to `nvidiaQueryArgs`; `[N/A]` and its like become missing values. A header is passed over, and a card counts
 * once. Never throws.
 */
export function parseNvidiaQuery(text: string, { mig }: { readonly mig: boolean }): NvidiaCards {
  const cards = new Map<number, NvidiaCard>();
  const otherLines: string[] = [];
  for (const whole of text.split(/\r?\n/, MOST_LINES)) {
    const line = whole.slice(0, LONGEST_LINE).trim();
    if (line === '' || line.startsWith(`${FIELDS[0]}, ${FIELDS[1]}, `)) continue;
    const card = parseCard(line, mig);
    if (!card) otherLines.push(line);
    else if (!cards.has(card.gpu.index)) cards.set(card.gpu.index, card);
  }
  return { cards: [...cards.values()], otherLines };
}

/** One MIG device of a card, as `nvidia-smi -L` has it. */
interface MigDevice {
  readonly cardUuid: string;
  readonly uuid: string;
  /** `3g.20gb` */
  readonly profile: string;
}

/** Reads the MIG devices from `nvidia-smi -L`: `MIG-<uuid>`, and `MIG-GPU-<uuid>/<gi>/<ci>` of drivers before 470. */
export function parseMigDevices(text: string): MigDevice[] {
  const devices: MigDevice[] = [];
  let cardUuid: string | undefined;
  for (const whole of text.split(/\r?\n/)) {
    const line = whole.slice(0, LONGEST_LINE);
    const card = /^GPU \d+: .*\(UUID: (GPU-[^)\s]+)\)/.exec(line);
    if (card) cardUuid = card[1];
    const device = /^\s+MIG (.+?)\s+Device\s+\d+:\s+\(UUID: (MIG-[^)\s]+)\)/.exec(line);
    if (device?.[1] && device[2] && cardUuid) {
      devices.push({ cardUuid, profile: device[1], uuid: device[2] });
    }
  }
  return devices;
}

/**
 * The devices that a worker can be given, and the cards that none can. A card in MIG mode gives way to its MIG devices, which
 * are numbered after the last card. `othersLost`: there are cards that were not listed.
 */
export function nvidiaGpus(
  cards: readonly NvidiaCard[],
  migDevices: readonly MigDevice[],
  { othersLost = false }: { readonly othersLost?: boolean } = {},
): { readonly gpus: readonly Gpu[]; readonly unusable: readonly UnusableCard[] } {
  const gpus: Gpu[] = [];
  const ofMig: Gpu[] = [];
  const unusable: UnusableCard[] = [];
  // Beside a card in MIG mode or one that is lost CUDA counts devices in its own way: only a UUID is sure then.
  const byUuid = othersLost || cards.some(({ migMode, fault }) => migMode || fault !== undefined);
  let next = Math.max(-1, ...cards.map((card) => card.gpu.index)) + 1;
  for (const { gpu, migMode, fault } of cards) {
    if (fault !== undefined) {
      unusable.push({ gpu, why: fault, migDevices: [] });
    } else if (migMode) {
      const own = migDevices
        .filter((device) => device.cardUuid === gpu.uuid)
        .map((device) => asGpu(device, gpu, next++));
      ofMig.push(...own);
      unusable.push({ gpu, why: 'mig-mode', migDevices: own });
    } else {
      gpus.push(byUuid && gpu.uuid ? { ...gpu, visibleAs: gpu.uuid } : gpu);
    }
  }
  return { gpus: [...gpus, ...ofMig], unusable };
}

function parseCard(line: string, mig: boolean): NvidiaCard | undefined {
  const cells = line.split(',').map((cell) => cell.trim());
  const after = mig ? 4 : 3;
  const [index, uuid] = cells;
  if (cells.length < 3 + after || index === undefined || !/^\d{1,4}$/.test(index)) return undefined;
  if (Number(index) > MAX_INDEX) return undefined;
  // A name may hold commas, so it is what the fields before and after it leave.
  const name = cells.slice(2, -after).join(', ');
  const [total, free, use, mode] = cells.slice(-after);
  // A card without memory has none that anybody knows of.
  const memoryTotal = asNumber(total, 'MiB') || undefined;
  const memoryFree = asNumber(free, 'MiB');
  const utilisation = asNumber(use, '%');
  return {
    gpu: {
      index: Number(index),
      vendor: 'nvidia',
      ...(isValue(uuid) && { uuid }),
      ...(isValue(name) && { name }),
      ...(memoryTotal !== undefined && { memoryTotalBytes: memoryTotal * MIB }),
      ...(memoryFree !== undefined && {
        memoryFreeBytes: Math.min(memoryFree, memoryTotal ?? memoryFree) * MIB,
      }),
      ...(utilisation !== undefined && { utilisation: Math.min(1, utilisation / 100) }),
      visibleAs: index,
    },
    migMode: mode === 'Enabled',
    fault: faultIn(cells, isValue(uuid) || isValue(name) || memoryTotal !== undefined),
  };
}

function faultIn(cells: readonly string[], isKnown: boolean): NvidiaCard['fault'] {
  if (cells.some((cell) => /requires reset/i.test(cell))) return 'needs-reset';
  return !isKnown || cells.some((cell) => /^\[.*\blost\b.*\]$/i.test(cell)) ? 'lost' : undefined;
}

function asGpu(device: MigDevice, card: Gpu, index: number): Gpu {
  return {
    index,
    vendor: 'nvidia',
    uuid: device.uuid,
    name: `${card.name ?? `GPU ${card.index}`} MIG ${device.profile}`,
    visibleAs: device.uuid,
  };
}

const isValue = (cell: string | undefined): cell is string =>
  cell !== undefined && cell !== '' && cell !== 'N/A' && cell !== 'ERR!' && !/^\[.*\]$/.test(cell);

/** A whole number, which some wrappers of the tool give with its unit: nothing else is guessed at. */
function asNumber(cell: string | undefined, unit: string): number | undefined {
  const [number, of = unit, ...more] = cell?.split(' ') ?? [];
  const isNumber = number !== undefined && /^\d{1,9}$/.test(number) && of === unit && more.length === 0;
  return isNumber ? Number(number) : undefined;
}
