import { plural } from '../../report/format.ts';
import type { MachineUse } from '../../workers/hosts/host.ts';
import { gpuOf, type PackedDevice } from './packed-device.ts';
import type { PackedModel } from './packed-model.ts';
import { cardTrouble, type DeviceMemory, isWorthLoading, mainTrouble, processorTrouble } from './room.ts';
import type { WorkerBook } from './worker-book.ts';

/** More workers than these on a device are never tried. */
const MOST_ON_DEVICE = 16;

/** What the machine and the queue have to offer when another worker is thought of. */
export interface Resources {
  /** Memory of a card now; undefined where nothing tells. */
  readonly memoryOf: (gpu: number | null) => DeviceMemory | undefined;
  /** Main memory that is free, and the most that one worker was seen to hold, in bytes. */
  readonly mainFree: number | undefined;
  readonly mainPeak: number | undefined;
  /** Cores that they may keep busy; undefined where nobody knows. */
  readonly cores: number | undefined;
  /** Cores that all workers together kept busy lately. */
  readonly coresUsed: number | undefined;
  /** What each machine has where there are several, by the `node` of its GPUs; their workers share nothing else. */
  readonly machines?: ReadonlyMap<string, MachineUse>;
  /** So many more workers can be started before the launcher may open no more files. */
  readonly moreWorkers: number;
  /** Pages that nobody has taken, and whether more may be found. */
  readonly pagesLeft: number;
  readonly mayBeMore: boolean;
  /** Groups that nobody has taken, where pages go in groups. */
  readonly groupsLeft: number | undefined;
}

/** Where another worker is thought of: on a device of a model, after these devices have got one. */
interface Wish extends Resources {
  readonly model: PackedModel;
  readonly models: readonly PackedModel[];
  readonly book: WorkerBook;
  readonly added: readonly PackedDevice[];
}

/** Why a device gets no other worker, in words; undefined where there is room for one, and pages that repay its load. */
export function whyNoMore(device: PackedDevice, wish: Wish): string | undefined {
  const { book, added, moreWorkers, memoryOf } = wish;
  const gpu = gpuOf(device);
  if (device.slots.length >= MOST_ON_DEVICE) return 'that is the most';
  if (added.length + 1 > moreWorkers) return 'the limit of open files allows no more (ulimit -n)';
  if (!isRepaid(wish)) return 'too few pages are left';
  const card = memoryOf(gpu);
  if (card) book.sampled(gpu, card.used);
  const trouble = cardTrouble(card, book.cardUse(gpu)) ?? machineTrouble(device, wish);
  return trouble === undefined ? undefined : `no room for another worker: ${trouble}`;
}

/** Why the device's machine has no room. */
function machineTrouble(
  { gpu }: PackedDevice,
  { book, models, added, machines, mainFree, mainPeak: workerPeak, coresUsed: used, cores }: Wish,
): string | undefined {
  const more = added.length + 1;
  const machine = gpu?.node === undefined ? undefined : machines?.get(gpu.node);
  if (machine === undefined) {
    const workers = book.alive;
    return (
      mainTrouble(more, { free: mainFree, workerPeak }) ?? processorTrouble(more, { workers, used, cores })
    );
  }
  const isThere = (device: PackedDevice): boolean => device.gpu?.node === gpu?.node;
  const moreThere = added.filter(isThere).length + 1;
  const devices = models.flatMap((model) => model.devices.filter(isThere));
  const workers = devices.reduce((sum, { slots }) => sum + slots.length, 0);
  if (workers + moreThere > machine.cores)
    return `its node has ${plural(machine.cores, 'core')}, and a worker for each`;
  return mainTrouble(moreThere, { free: machine.freeBytes, workerPeak });
}

function isRepaid({ book, model, models, added, pagesLeft, groupsLeft, mayBeMore }: Wish): boolean {
  if (mayBeMore) return true;
  // A worker takes a whole group: there has to be one for each.
  if (groupsLeft !== undefined && groupsLeft < book.alive + added.length + 1) return false;
  const own = model.pagesASecond ?? 0;
  const rate = models.reduce(
    (sum, other) => sum + (other === model ? own : (other.pagesASecond ?? own)) * other.devices.length,
    0,
  );
  return isWorthLoading({
    secondsLeft: pagesLeft / rate,
    loadSeconds: book.loadSeconds,
    pageSeconds: 1 / own,
  });
}
