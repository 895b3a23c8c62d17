import { escapeControls } from '../model/escape-controls.ts';
import type { EngineName } from '../model/run-options.ts';
import { badValue } from '../options/bad-value.ts';
import { RUN_OPTIONS } from '../options/option-table.ts';
import { type Paint, PLAIN_PAINT } from '../report/colours.ts';
import { plural } from '../report/format.ts';
import { type TextColumn, textTable } from '../report/text-table.ts';
import type { NamedNode } from '../workers/hosts/ray/cluster-nodes.ts';
import { clusterWords } from '../workers/hosts/ray/cluster-words.ts';
import { connectCluster, type RayCluster } from '../workers/hosts/ray/ray-cluster.ts';

/** What `gpus --engine ray --json` prints. */
interface ClusterReport {
  readonly engine: 'ray';
  readonly version: string;
  readonly address: string;
  readonly nodes: readonly {
    readonly node: string;
    readonly address: string;
    readonly host: string;
    readonly head: boolean;
    readonly gpus: number;
    /** Null where Ray doesn't tell. */
    readonly gpusFree: number | null;
    readonly cores: number;
    readonly vendor: 'nvidia' | 'amd' | null;
  }[];
}

/**
 * The engine that flags name.
 * @throws Refusal (2) for what is no engine
 */
export function engineOf({
  engine = RUN_OPTIONS.engine.fallback,
}: Readonly<Record<string, unknown>>): EngineName {
  const read = RUN_OPTIONS.engine.type.safeParse(engine);
  if (read.success) return read.data;
  const problem = read.error.issues[0]?.message ?? 'is no engine';
  throw badValue({ by: 'flag', flag: '--engine' }, { given: engine, problem });
}

/**
 * The machines of a cluster and their GPUs, by Ray's own count.
 * @throws Refusal (3) where it can't be reached
 */
export async function clusterReport(
  engine: EngineName,
  {
    python,
    ...around
  }: {
    readonly python: string | undefined;
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly redact: (text: string) => string;
  },
): Promise<ClusterReport> {
  const wanted = { engine, python, waits: true, ...around };
  const cluster = await connectCluster(wanted);
  try {
    return reportOf(cluster);
  } finally {
    await cluster.close();
  }
}

const reportOf = ({ version, address, nodesAtFirst }: RayCluster): ClusterReport => ({
  engine: 'ray',
  version,
  address,
  nodes: nodesAtFirst.map(({ label, name, gpusFree, kind, ...node }: NamedNode) => ({
    node: label,
    address: node.address,
    host: name,
    head: node.head,
    gpus: node.gpus,
    gpusFree: gpusFree ?? null,
    cores: node.cores,
    vendor: kind ?? null,
  })),
});

const COLUMNS: readonly TextColumn<ClusterReport['nodes'][number]>[] = [
  { head: 'node', cell: ({ node, head }) => `${node}${head ? ' (head)' : ''}`, side: 'left' },
  { head: 'address', cell: ({ address }) => escapeControls(address), side: 'left', least: 9 },
  { head: 'host', cell: ({ host }) => escapeControls(host), side: 'left', least: 8 },
  { head: 'GPUs', cell: ({ gpus }) => `${gpus}` },
  { head: 'free', cell: ({ gpusFree }) => (gpusFree === null ? '–' : `${gpusFree}`) },
  { head: 'cores', cell: ({ cores }) => `${cores}`, mayMove: true },
  { head: 'vendor', cell: ({ vendor }) => vendor ?? '–', side: 'left', mayMove: true },
];

/** The report as text that ends with a newline. */
export function formatCluster(
  report: ClusterReport,
  { bold, dim }: Paint = PLAIN_PAINT,
  columns?: number,
): string {
  const { nodes } = report;
  const table = textTable(nodes, COLUMNS, columns);
  const gpus = nodes.reduce((sum, node) => sum + node.gpus, 0);
  const free = nodes.reduce((sum, node) => sum + (node.gpusFree ?? 0), 0);
  const lines = [
    bold(table.head),
    ...table.lines,
    '',
    `--engine ray uses: ${plural(gpus, 'GPU')}, of which ${free} are free now`,
    dim(`listed by ${clusterWords(report)}`),
  ];
  return `${lines.join('\n')}\n`;
}
