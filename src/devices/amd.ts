import { isRecord, type JsonRecord, parsedJson } from '../model/parsed-json.ts';
import type { Gpu } from '../model/slot.ts';

/** Arguments of the three calls of amd-smi that together tell what nvidia-smi tells in one. */
export const AMD_SMI_ARGS = {
  list: ['list', '--json'],
  static: ['static', '--asic', '--vram', '--json'],
  metric: ['metric', '--usage', '--mem-usage', '--json'],
} as const;

/** Arguments that make rocm-smi tell all of it in one call. */
export const ROCM_SMI_ARGS: readonly string[] = [
  '--showproductname',
  '--showuniqueid',
  '--showmeminfo',
  'vram',
  '--showuse',
  '--json',
];

/** What amd-smi answered: `list` says what there is, the others may have failed. */
interface AmdSmiAnswers {
  readonly list: string;
  readonly static?: string;
  readonly metric?: string;
}

/** Reads amd-smi's JSON (a bare list, and `gpu_data` of ROCm 7). Undefined where `list` is no such JSON. Never throws. */
export function parseAmdSmi(answers: AmdSmiAnswers): Gpu[] | undefined {
  const listed = cardsOf(answers.list);
  if (!listed) return undefined;
  const statics = byIndex(cardsOf(answers.static ?? '') ?? []);
  const metrics = byIndex(cardsOf(answers.metric ?? '') ?? []);
  return listed.map(([index, card], position) => {
    const fixed = statics.get(index);
    const now = metrics.get(index);
    const name = textAt(fixed, 'asic', 'market_name');
    const uuid =
      textAt(card, 'hip_uuid') ?? hipUuid(textAt(fixed, 'asic', 'asic_serial')) ?? textAt(card, 'uuid');
    const total = bytesAt(now, 'mem_usage', 'total_vram') ?? bytesAt(fixed, 'vram', 'size');
    const free =
      bytesAt(now, 'mem_usage', 'free_vram') ?? difference(total, bytesAt(now, 'mem_usage', 'used_vram'));
    const use = numberAt(now, 'usage', 'gfx_activity');
    return amdGpu({ index, position, name, uuid, total, free, use });
  });
}

/** Reads rocm-smi's JSON: `card0` … with text values, whose keys changed case in ROCm 6. Undefined where it is none. Never throws. */
export function parseRocmSmi(text: string): Gpu[] | undefined {
  const document = parseJson(text);
  if (!isRecord(document)) return undefined;
  return Object.entries(document)
    .flatMap(([key, card]) => {
      const number = /^card(\d+)$/.exec(key)?.[1];
      return number !== undefined && isRecord(card) ? [[Number(number), lowerKeys(card)] as const] : [];
    })
    .sort(([a], [b]) => a - b)
    .map(([index, card], position) => {
      const total = plainNumber(card['vram total memory (b)']);
      return amdGpu({
        index,
        position,
        name: plainText(card['card series']) ?? plainText(card['device name']),
        uuid: hipUuid(plainText(card['unique id'])),
        total,
        free: difference(total, plainNumber(card['vram total used memory (b)'])),
        use: plainNumber(card['gpu use (%)']),
      });
    });
}

interface AmdCard {
  readonly index: number;
  readonly position: number;
  readonly name: string | undefined;
  readonly uuid: string | undefined;
  readonly total: number | undefined;
  readonly free: number | undefined;
  readonly use: number | undefined;
}

function amdGpu({ index, position, name, uuid, total, free, use }: AmdCard): Gpu {
  return {
    index,
    vendor: 'amd',
    ...(uuid !== undefined && { uuid }),
    ...(name !== undefined && { name }),
    ...(total !== undefined && { memoryTotalBytes: total }),
    ...(free !== undefined && { memoryFreeBytes: free }),
    ...(use !== undefined && { utilisation: Math.min(1, use / 100) }),
    // HIP counts devices from 0 without gaps, also where the tool's numbers have some.
    visibleAs: String(position),
  };
}

/** The JSON in an output. Both tools put warnings (missing groups, low power) before it, newer ones documents after it. */
function parseJson(text: string): unknown {
  const start = /^[[{]/m.exec(text);
  if (!start) return undefined;
  const rest = text.slice(start.index);
  const end = /^[\]}]/m.exec(rest);
  for (const candidate of [
    rest,
    ...(end ? [rest.slice(0, end.index + 1)] : []),
    rest.split('\n', 1)[0] ?? '',
  ]) {
    // The next candidate is shorter.
    const document = parsedJson(candidate);
    if (document !== undefined) return document;
  }
  return undefined;
}

function cardsOf(text: string): [number, JsonRecord][] | undefined {
  const document = parseJson(text);
  const list = isRecord(document) ? at(document, 'gpu_data') : document;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((card: unknown): [number, JsonRecord][] => {
    const index = isRecord(card) ? plainNumber(at(card, 'gpu')) : undefined;
    return isRecord(card) && index !== undefined ? [[index, card]] : [];
  });
}

const byIndex = (cards: readonly [number, JsonRecord][]): Map<number, JsonRecord> => new Map(cards);

const lowerKeys = (card: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(card).map(([key, value]) => [key.toLowerCase(), value]));

function at(card: JsonRecord | undefined, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), card);
}

const textAt = (card: JsonRecord | undefined, ...keys: readonly string[]): string | undefined =>
  plainText(at(card, ...keys));

/** `{"value": 42, "unit": "%"}` or a bare 42. */
function numberAt(card: JsonRecord | undefined, ...keys: readonly string[]): number | undefined {
  const found = at(card, ...keys);
  return plainNumber(isRecord(found) ? at(found, 'value') : found);
}

function bytesAt(card: JsonRecord | undefined, ...keys: readonly string[]): number | undefined {
  const found = at(card, ...keys);
  const value = numberAt(card, ...keys);
  const unit = isRecord(found) ? textAt(found, 'unit') : undefined;
  // amd-smi writes MB and means 1024 × 1024.
  const power = ['B', 'KB', 'MB', 'GB', 'TB'].indexOf(unit ?? 'MB');
  return value === undefined || power < 0 ? undefined : Math.round(value * 1024 ** power);
}

function plainNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

const plainText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' && value.trim() !== 'N/A' ? value.trim() : undefined;

/** HIP names a device after its 64-bit unique id: `GPU-` and 16 hexadecimal digits. */
function hipUuid(uniqueId: string | undefined): string | undefined {
  const digits = uniqueId && /^0x([0-9a-f]{1,16})$/i.exec(uniqueId)?.[1];
  return digits ? `GPU-${digits.toLowerCase().padStart(16, '0')}` : undefined;
}

const difference = (total: number | undefined, used: number | undefined): number | undefined =>
  total === undefined || used === undefined ? undefined : Math.max(0, total - used);
