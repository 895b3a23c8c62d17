import prettyBytes from 'pretty-bytes';
import { type CardUse, type Holder, holderTexts } from '../devices/card-use.ts';
import type { DetectedGpus } from '../devices/detect.ts';
import type { GpuTool } from '../devices/gpu-tools.ts';
import { whyTaken } from '../devices/idle.ts';
import { memoryMostlyTaken, takenPercent, whyUnusable } from '../devices/select.ts';
import { type VisibleGpus, visibleGpus } from '../devices/visible.ts';
import { escapeControls } from '../model/escape-controls.ts';
import type { Gpu, UnusableCard } from '../model/slot.ts';
import { badValue } from '../options/bad-value.ts';
import { RUN_OPTIONS } from '../options/option-table.ts';
import { type Paint, PLAIN_PAINT } from '../report/colours.ts';
import { type TextColumn, textTable } from '../report/text-table.ts';
import { wrapWords } from '../report/text-width.ts';

/** One device or card of the machine, as `gpus` tells of it. */
interface GpuLine {
  readonly index: number;
  readonly vendor: Gpu['vendor'];
  readonly name?: string;
  readonly uuid?: string;
  readonly memoryTotalBytes?: number;
  readonly memoryFreeBytes?: number;
  /** 0 to 1 */
  readonly utilisation?: number;
  /** Processes that hold memory of it, where they can be listed. */
  readonly holders?: readonly Holder[];
  /** Memory in use that none of these has. */
  readonly hiddenBytes?: number;
  /** True where `--gpus auto` takes it. */
  readonly auto: boolean;
  /** Why `auto` leaves it out. */
  readonly leftOut?: string;
  /** What speaks against it although it may be taken. */
  readonly warning?: string;
}

/** What `gpus --json` prints. */
interface GpusReport {
  /** The tool that listed them; missing where none did. */
  readonly tool?: GpuTool;
  readonly gpus: readonly GpuLine[];
  /** What `--gpus auto` takes, as a list for `--gpus`. */
  readonly auto: readonly number[];
  /** What `--gpus idle` takes. */
  readonly idle: readonly number[];
  /** What went wrong on the way, tool by tool. */
  readonly troubles: readonly string[];
}

/** What there is and who would be taken by `auto`. Card by card, each followed by its MIG devices. */
export function gpusReport({
  detected,
  env,
  uses = new Map(),
  trouble,
  minFreeBytes = 0,
}: {
  readonly detected: DetectedGpus;
  readonly env: NodeJS.ProcessEnv;
  readonly uses?: ReadonlyMap<number, CardUse>;
  /** Why nobody knows who holds what. */
  readonly trouble?: string | undefined;
  /** What has to be free on a card that is idle. */
  readonly minFreeBytes?: number;
}): GpusReport {
  const visible = visibleGpus(detected, env);
  const devices = detected.gpus.map((gpu) => ({
    ...deviceLine(gpu, visible),
    ...useLine(uses.get(gpu.index)),
  }));
  const idle = visible.gpus.filter((gpu) => whyTaken(gpu, uses.get(gpu.index), minFreeBytes) === undefined);
  const cards = detected.unusable.map(cardLine);
  return {
    ...(detected.tool !== undefined && { tool: detected.tool }),
    gpus: [...devices, ...cards].sort((a, b) => a.index - b.index),
    auto: visible.gpus.map((gpu) => gpu.index),
    idle: trouble === undefined ? idle.map((gpu) => gpu.index) : [],
    troubles: [...detected.troubles, ...(trouble === undefined ? [] : [trouble])],
  };
}

/** The report as text that ends with a newline: a table, what `auto` takes, and why the others are left out. */
export function formatGpus(
  report: GpusReport,
  { bold, dim, yellow }: Paint = PLAIN_PAINT,
  columns?: number,
): string {
  const lines: string[] = [];
  const wrap = (line: string, indent: number): string => wrapWords(escapeControls(line), columns, indent);
  if (report.gpus.length === 0) {
    lines.push('no GPU was found', ...report.troubles.map((trouble) => wrap(`  ${trouble}`, 4)));
    lines.push(dim('--gpus cpu needs none; --gpus 0,1 uses the GPUs that you name'));
    return `${lines.join('\n')}\n`;
  }
  const table = textTable(report.gpus, COLUMNS, columns);
  lines.push(bold(table.head));
  for (const [at, gpu] of report.gpus.entries()) {
    const row = table.lines[at] ?? '';
    lines.push(gpu.auto ? row : dim(row));
    if (gpu.leftOut) lines.push(dim(wrap(`       not used: ${gpu.leftOut}`, 9)));
    for (const held of holderTexts({ holders: [], ...gpu }))
      lines.push(dim(wrap(`       in use: ${held}`, 9)));
    if (gpu.warning) lines.push(yellow(wrap(`       warning: ${gpu.warning}`, 9)));
  }
  lines.push('', `--gpus auto uses: ${report.auto.join(',') || 'none'}`);
  lines.push(`--gpus idle uses: ${report.idle.join(',') || 'none'}`);
  lines.push(dim(`listed by ${report.tool ?? 'no tool'}`));
  lines.push(...report.troubles.map((trouble) => yellow(wrap(trouble, 2))));
  return `${lines.join('\n')}\n`;
}

function deviceLine(gpu: Gpu, visible: VisibleGpus): GpuLine {
  const auto = visible.gpus.includes(gpu);
  return {
    ...figures(gpu),
    auto,
    ...(!auto && { leftOut: `${visible.limitedBy} hides it` }),
    ...(memoryMostlyTaken(gpu) && { warning: `${takenPercent(gpu)} % of its memory is already in use` }),
  };
}

const useLine = (use: CardUse | undefined): Partial<GpuLine> =>
  use && !use.isUnknown
    ? {
        holders: use.holders,
        ...(use.hiddenBytes !== undefined && { hiddenBytes: use.hiddenBytes }),
      }
    : {};

function cardLine({ gpu, why, migDevices }: UnusableCard): GpuLine {
  const numbers = migDevices.map((device) => device.index).join(', ');
  const instead =
    numbers === '' ? 'it has no MIG device yet' : `its MIG devices are used instead: ${numbers}`;
  const leftOut = why === 'mig-mode' ? `in MIG mode; ${instead}` : whyUnusable(why);
  return { ...figures(gpu), auto: false, leftOut };
}

function figures({ visibleAs: _, ...figures }: Gpu): Omit<GpuLine, 'auto'> {
  return figures;
}

const COLUMNS: readonly TextColumn<GpuLine>[] = [
  { head: 'GPU', cell: ({ index }) => String(index) },
  { head: 'name', cell: ({ name = '-' }) => name, side: 'left', least: 12 },
  { head: 'memory free', cell: ({ memoryFreeBytes }) => size(memoryFreeBytes) },
  { head: 'of', cell: ({ memoryTotalBytes }) => size(memoryTotalBytes), mayMove: true },
  {
    head: 'use',
    cell: ({ utilisation }) => (utilisation === undefined ? '-' : `${Math.round(utilisation * 100)} %`),
    mayMove: true,
  },
  { head: 'UUID', cell: ({ uuid = '-' }) => uuid, side: 'left', mayMove: true },
];

function size(bytes: number | undefined): string {
  return bytes === undefined ? '-' : prettyBytes(bytes, { binary: true, maximumFractionDigits: 1 });
}

/**
 * What has to be free on a card that is idle, from the command's flags.
 * @throws Refusal (2) for what is no size
 */
export function minFreeOf({
  minFree = RUN_OPTIONS.minFree.fallback,
}: Readonly<Record<string, unknown>>): number {
  const read = RUN_OPTIONS.minFree.type.safeParse(minFree);
  if (read.success) return read.data ?? 0;
  const problem = read.error.issues[0]?.message ?? 'is not a size';
  throw badValue({ by: 'flag', flag: '--min-free' }, { given: minFree, problem });
}
