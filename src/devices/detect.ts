import type { Gpu, UnusableCard } from '../model/slot.ts';
import { AMD_SMI_ARGS, parseAmdSmi, parseRocmSmi, ROCM_SMI_ARGS } from './amd.ts';
import { callGpuTool, type GpuTool, TOOL_LIMIT_MS } from './gpu-tools.ts';
import {
  isUnknownField,
  NVIDIA_LIST_ARGS,
  nvidiaAdvice,
  nvidiaCardArg,
  nvidiaGpus,
  nvidiaQueryArgs,
  parseMigDevices,
  parseNvidiaQuery,
  tellsLostCard,
} from './nvidia.ts';
import { exitInWords, type RunTool, type ToolEnd } from './run-tool.ts';

const LONGEST_TROUBLE = 320;
/** Of a complaint: a tool that could not reach its driver says so in two. */
const COMPLAINT_LINES = 3;
/** More cards than one machine has. */
const MOST_CARDS = 32;

/** What the machine's tools say of its GPUs. */
export interface DetectedGpus {
  /** Devices that a worker can be given. */
  readonly gpus: readonly Gpu[];
  /** Cards that are listed and can't be given to a worker. */
  readonly unusable: readonly UnusableCard[];
  /** The tool that listed them; missing where none did. */
  readonly tool?: GpuTool;
  /** What went wrong, tool by tool: `nvidia-smi: not installed`. */
  readonly troubles: readonly string[];
}

/** Where the tools are found and how they are called. */
interface DetectOptions {
  readonly run: RunTool;
  readonly env: NodeJS.ProcessEnv;
  /** Takes secrets out of what a tool complains of. */
  readonly redact?: (text: string) => string;
}

interface Answer {
  readonly gpus: readonly Gpu[];
  readonly unusable: readonly UnusableCard[];
  readonly troubles: readonly string[];
}

/** Asks nvidia-smi, else amd-smi, else rocm-smi, each for 10 s at most. A tool's failure is a trouble, never an exception. */
export async function detectGpus({
  run,
  env,
  redact = (text) => text,
}: DetectOptions): Promise<DetectedGpus> {
  const call = (tool: GpuTool) => (args: readonly string[]) => callGpuTool(tool, args, { run, env });
  const troubles: string[] = [];
  const askers: readonly [GpuTool, (call: Call) => Promise<Answer>][] = [
    ['nvidia-smi', askNvidiaSmi],
    ['amd-smi', askAmdSmi],
    ['rocm-smi', askRocmSmi],
  ];
  for (const [tool, ask] of askers) {
    const answer = await ask(call(tool));
    const said = answer.troubles.map((trouble) => redact(trouble).slice(0, LONGEST_TROUBLE));
    troubles.push(...said.map((trouble) => `${tool}: ${trouble}`));
    if (answer.gpus.length > 0 || answer.unusable.length > 0) {
      return { gpus: answer.gpus, unusable: answer.unusable, tool, troubles };
    }
  }
  return { gpus: [], unusable: [], troubles };
}

type Call = (args: readonly string[]) => Promise<ToolEnd>;

async function askNvidiaSmi(call: Call): Promise<Answer> {
  let mig = true;
  let end = await call(nvidiaQueryArgs({ mig }));
  if (end.by === 'exit' && isUnknownField(end.stdout + end.stderr)) {
    mig = false;
    end = await call(nvidiaQueryArgs({ mig }));
  }
  if (end.by !== 'exit') return nothing(troubleOf(end));
  let listed = readNvidia(end, mig);
  if (listed.cards.length === 0) {
    if (tellsLostCard(end.stdout + end.stderr)) listed = await askCardByCard(call, mig);
    if (listed.cards.length === 0) return nothing(withAdvice(troubleOf(end, COMPLAINT_LINES)));
  }
  const { cards, complaints } = listed;
  const troubles = [...complaints];
  let migText = '';
  if (cards.some((card) => card.migMode)) {
    const list = await call(NVIDIA_LIST_ARGS);
    if (list.by === 'exit') migText = list.stdout;
    else troubles.push(`-L ${troubleOf(list)}`);
  }
  const othersLost = complaints.some(tellsLostCard);
  return {
    ...nvidiaGpus(cards, parseMigDevices(migText), { othersLost }),
    troubles: troubles.map(withAdvice),
  };
}

interface NvidiaList {
  readonly cards: ReturnType<typeof parseNvidiaQuery>['cards'];
  readonly complaints: readonly string[];
}

/** The cards of an answer, and what was said besides: of a lost card on either stream, whatever the exit code. */
function readNvidia({ code, stdout, stderr }: ToolEnd & { readonly by: 'exit' }, mig: boolean): NvidiaList {
  const { cards, otherLines } = parseNvidiaQuery(stdout, { mig });
  const said = [...new Set([...otherLines, ...linesOf(stderr)])];
  const isExplained = code === 0 || said.length > 0 || cards.some(({ fault }) => fault !== undefined);
  return {
    cards,
    complaints: isExplained ? said : [code === null ? exitInWords(code) : `ended with ${exitInWords(code)}`],
  };
}

/** A lost card may keep the tool from listing any: asked for one after the other, those that work answer. */
async function askCardByCard(call: Call, mig: boolean): Promise<NvidiaList> {
  const cards: NvidiaList['cards'][number][] = [];
  const complaints = new Set<string>();
  for (let index = 0; index < MOST_CARDS; index += 1) {
    const end = await call([...nvidiaQueryArgs({ mig }), nvidiaCardArg(index)]);
    if (end.by !== 'exit') break;
    const answer = readNvidia(end, mig);
    const isNews = answer.complaints.some((said) => tellsLostCard(said) && !complaints.has(said));
    // Past the last card, or where the lost one is all it speaks of.
    if (answer.cards.length === 0 && !isNews) break;
    cards.push(...answer.cards);
    for (const said of answer.complaints) complaints.add(said);
  }
  return { cards, complaints: [...complaints] };
}

async function askAmdSmi(call: Call): Promise<Answer> {
  const list = await call(AMD_SMI_ARGS.list);
  if (list.by !== 'exit') return nothing(troubleOf(list));
  if (!parseAmdSmi({ list: list.stdout })?.length) return nothing(troubleOf(list));
  const [fixed, metric] = await Promise.all([call(AMD_SMI_ARGS.static), call(AMD_SMI_ARGS.metric)]);
  const gpus = parseAmdSmi({
    list: list.stdout,
    ...(fixed.by === 'exit' && { static: fixed.stdout }),
    ...(metric.by === 'exit' && { metric: metric.stdout }),
  });
  const troubles = [fixed, metric].flatMap((end) => (end.by === 'exit' ? [] : [troubleOf(end)]));
  return { gpus: gpus ?? [], unusable: [], troubles: [...new Set(troubles)] };
}

async function askRocmSmi(call: Call): Promise<Answer> {
  const end = await call(ROCM_SMI_ARGS);
  const gpus = end.by === 'exit' ? parseRocmSmi(end.stdout) : undefined;
  return gpus?.length ? { gpus, unusable: [], troubles: [] } : nothing(troubleOf(end));
}

const nothing = (trouble: string): Answer => ({ gpus: [], unusable: [], troubles: [trouble] });

/** What kept a tool from listing GPUs, in the last `lines` lines of its own words. */
function troubleOf(end: ToolEnd, lines = 1): string {
  switch (end.by) {
    case 'missing':
      return 'not installed';
    case 'timeout':
      return `gave no answer in ${TOOL_LIMIT_MS / 1000} s`;
    case 'exit': {
      const said = [end.stderr, end.stdout].map(linesOf).find((all) => all.length > 0) ?? [];
      const last = said.slice(-lines).join('; ');
      if (end.code === 0) return last === '' ? 'lists no GPU' : `lists no GPU: ${last}`;
      return last === '' ? `failed: ${exitInWords(end.code)}` : `failed: ${last}`;
    }
  }
}

function withAdvice(complaint: string): string {
  const advice = nvidiaAdvice(complaint);
  return advice === undefined ? complaint : `${complaint} (${advice})`;
}

/** Lines that say something: an empty list in JSON does not. */
const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '[]' && line !== '{}');
