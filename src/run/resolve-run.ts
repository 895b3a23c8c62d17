import { type DetectedGpus, detectGpus } from '../devices/detect.ts';
import type { GpuTool } from '../devices/gpu-tools.ts';
import { chooseGpus, wantsIdle } from '../devices/idle.ts';
import { type RunTool, runTool } from '../devices/run-tool.ts';
import { makeSlots } from '../devices/slots.ts';
import { assertFilesFor, openFilesLimit } from '../model/open-files.ts';
import { type Redactor, redactor } from '../model/redact.ts';
import { usageError } from '../model/refusal.ts';
import type { RunOptions, StrategyName } from '../model/run-options.ts';
import type { Gpu, Slot } from '../model/slot.ts';
import { type ResolvedInputs, resolveInputs } from '../pages/inputs.ts';
import { takenOutputsNotice } from '../pages/named-outputs.ts';
import { CONTEXT_BYTES } from '../schedule/cards.ts';
import { chooseStrategy, hasUnequalMemory } from '../schedule/choose-strategy.ts';
import type { KnownCosts } from '../schedule/costs.ts';
import { readCosts } from '../store/costs/costs-file.ts';
import { optionsHash, optionsThatShape } from '../store/ledger/options-hash.ts';
import { keepApart } from '../store/outputs/keep-apart.ts';
import type { Originals } from '../store/outputs/originals.ts';
import { newRunName, type RunFolders, runFolders } from '../store/outputs/run-folders.ts';
import { findTranslator } from '../translators/find-translator.ts';
import { type PackedWorker, packedWorker } from '../translators/remote.ts';
import type { Translator } from '../translators/translator.ts';
import { assertFit } from '../translators/unfit-path.ts';
import type { RayCluster } from '../workers/hosts/ray/ray-cluster.ts';
import { unsetVariables } from './cluster/node-environment.ts';
import { costsKey } from './costs-key.ts';
import { redactorFor } from './run-redactor.ts';
import { type GpuWait, waitForGpu } from './wait-for-gpu.ts';

/** It would load once more for every batch of every worker that is tried. */
const STAYS_AT_ONE =
  '--workers-per-gpu auto: a translator that loads for each batch of pages stays at one worker a GPU; give a number to have more.';
const NOTHING_DETECTED: DetectedGpus = { gpus: [], unusable: [], troubles: [] };

/** Where a run takes place. */
export interface Surroundings {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadableStream;
}

/** Surroundings, and what cuts the planning short: tools that are asked then are ended, and nobody reads on. */
interface ResolveDeps extends Surroundings {
  readonly stop?: AbortSignal | undefined;
  /** How an idle GPU is waited for; missing: it is not. */
  readonly gpuWait?: Pick<GpuWait, 'tell' | 'outOfTime' | 'everyMs'>;
}

/** A run whose parts are all found and checked; nothing is written yet. */
export interface ResolvedRun {
  readonly run: string;
  readonly inputs: ResolvedInputs;
  readonly folders: RunFolders;
  /** What outputs must never go over. */
  readonly originals: Originals;
  readonly translator: Translator;
  readonly gpus: readonly Gpu[];
  readonly slots: readonly Slot[];
  /** How long an idle GPU was waited for. */
  readonly waitedMs: number;
  /** What lists the GPUs here; missing where nothing does, or on the CPU. */
  readonly gpuTool?: GpuTool;
  readonly strategy: StrategyName;
  /** Why `--strategy auto` has chosen it; missing where it was named. */
  readonly strategyWhy?: string;
  /** The cluster whose nodes the workers live on, and how they are started there; missing: they live on this machine. */
  readonly cluster?: RayCluster;
  readonly remote?: PackedWorker;
  /** More workers join their devices as long as that makes pages come faster. */
  readonly isPacked: boolean;
  /** A folder stays on one worker, in order. */
  readonly byFolder: boolean;
  /** The options that shape the result, redacted, and their hash. */
  readonly shaping: Readonly<Record<string, unknown>>;
  readonly optionsHash: string;
  readonly redact: Redactor;
  readonly warnings: readonly string[];
}

/**
 * Finds all that a run needs: inputs, output, translator, GPUs.
 * @throws Refusal (2 or 3) for what isn't there; nothing has been written then
 */
export async function resolveRun(options: RunOptions, deps: ResolveDeps): Promise<ResolvedRun> {
  if (options.engine === 'local') return resolveWith(options, deps, {});
  const { resolveCluster } = await import('./cluster/resolve-cluster.ts');
  const wanted = resolveCluster(options, deps);
  try {
    return await resolveWith(options, deps, wanted);
  } catch (error) {
    await wanted.close();
    throw error;
  }
}

/** How the cluster that workers live on is reached; empty: they live here. */
interface ClusterConnection {
  /** Gives it once it is there. */
  readonly connect?: () => Promise<RayCluster>;
}

async function resolveWith(
  options: RunOptions,
  { cwd, env, stdin, stop, gpuWait }: ResolveDeps,
  { connect }: ClusterConnection,
): Promise<ResolvedRun> {
  const onCpu = options.gpus.trim().toLowerCase() === 'cpu';
  const run: RunTool = (call) => runTool({ ...call, signal: stop });
  const asking = { run, env, redact: redactor(env).text };
  const detect = (): Promise<DetectedGpus> =>
    onCpu || connect ? Promise.resolve(NOTHING_DETECTED) : detectGpus(asking);
  const name = newRunName(new Date(), options.part);
  const connecting = connect?.();
  let detecting: Promise<DetectedGpus> | undefined = detect();
  // Where an input is refused first, nobody waits for it.
  detecting.catch(() => {});
  connecting?.catch(() => {});
  const inputs = await resolveInputs({ ...options, cwd, stdin, stop });
  const folders = await runFolders({
    inputs: options.inputs,
    output: options.output,
    singleFolder: inputs.singleFolder,
    singleArchive: options.archives === 'off' ? undefined : inputs.singleArchive,
    root: inputs.root,
    work: options.work,
    run: name,
    cwd,
  });
  const finding = findTranslator(options, { cwd, env, run });
  finding.catch(() => {});
  const originals = await keepApart(inputs, folders);
  const translator = await finding;
  assertFit(translator, folders.work);
  const remote = connect && translator.kind === 'warm' ? await packedWorker(translator) : undefined;
  if (connect && !remote)
    throw usageError(`--engine ray: ${translator.name} can't be started on other machines`);
  const cluster = await connecting;
  const look = async () => {
    const detected = await (detecting ?? detect());
    detecting = undefined;
    const { gpus: wanted, minFreeBytes } = options;
    return { detected, chosen: await chooseGpus({ ...asking, wanted, minFreeBytes, detected }) };
  };
  const { detected, selected, waitedMs } = cluster
    ? inCluster(cluster, options)
    : await waitForGpu(look, {
        ...(gpuWait ?? { tell: () => {}, outOfTime: () => {} }),
        waitMs: gpuWait ? options.gpuWaitMs : 0,
        maxTimeMs: options.maxTimeMs,
        signal: stop,
      });
  const { workersPerGpu } = options;
  const slots = makeSlots({ ...selected, workersPerGpu: workersPerGpu === 'auto' ? 1 : workersPerGpu });
  if (!cluster) assertFilesFor(slots.length, { kind: translator.kind, limit: await openFilesLimit() });
  const { programFolders } = translator;
  const redact = await redactorFor(options, { env, cwd, programFolders });
  const shaping = redact.options(
    optionsThatShape({
      ...translator.shape,
      ...(translator.format !== undefined && { format: translator.format }),
    }),
  );
  const hash = optionsHash(shaping);
  // A number of workers that is found asks for a queue.
  const mayFit = options.strategy === 'auto' && translator.kind === 'warm' && workersPerGpu !== 'auto';
  const known =
    mayFit && hasUnequalMemory(slots)
      ? await readCosts(env, costsKey({ optionsHash: hash, translator }, options))
      : undefined;
  const strategy = chooseStrategy(options.strategy, {
    kind: translator.kind,
    slots,
    peakBytes: peakIn(known),
  });
  const carriesContext = translator.kind === 'warm' && translator.carriesContext === true;
  return {
    run: name,
    inputs,
    folders,
    originals,
    translator,
    gpus: selected.gpus,
    waitedMs,
    ...(cluster && { cluster }),
    ...(remote && { remote }),
    ...(detected.tool !== undefined && { gpuTool: detected.tool }),
    slots,
    strategy: strategy.name,
    ...(strategy.why !== undefined && { strategyWhy: strategy.why }),
    shaping,
    optionsHash: hash,
    redact,
    byFolder: (options.group ?? (carriesContext ? 'folder' : 'none')) === 'folder',
    isPacked: workersPerGpu === 'auto' && translator.kind === 'warm',
    warnings: [
      ...[takenOutputsNotice(inputs.takenOutputs ?? []) ?? []].flat(),
      ...selected.notices,
      ...unusedOptions(options),
      ...(cluster ? unsetVariables(options.passEnv, env) : []),
      ...(translator.warnings ?? []),
      ...(remote?.warnings ?? []),
      ...(workersPerGpu === 'auto' && translator.kind === 'one-shot' ? [STAYS_AT_ONE] : []),
    ],
  };
}

/** The most device memory that a page took, with what its process takes besides. */
function peakIn(known: KnownCosts | undefined): number | undefined {
  const taken = [...(known?.values() ?? [])].flatMap(({ bytes }) => bytes.map(({ value }) => value));
  return taken.length === 0 ? undefined : Math.max(...taken) + CONTEXT_BYTES;
}

/** Options that change nothing without another one. */
function unusedOptions({ gpus, gpuWaitMs, engine, rayGpus, rayPython, passEnv }: RunOptions): string[] {
  if (engine !== 'local') return [];
  const ofRay = [
    ...(rayGpus === undefined ? [] : ['--ray-gpus']),
    ...(rayPython === undefined ? [] : ['--ray-python']),
    ...(passEnv.length > 0 ? ['--pass-env'] : []),
  ];
  const isWaiting = gpuWaitMs > 0 && !wantsIdle(gpus);
  return [
    ...(isWaiting ? [`--gpu-wait has no effect with --gpus ${gpus}: use --gpus idle.`] : []),
    ...(ofRay.length > 0 ? [`${ofRay.join(', ')} has no effect without --engine ray.`] : []),
  ];
}

/** The GPUs that a run may hold: which of them these are is Ray's affair. */
const inCluster = (cluster: RayCluster, { rayGpus }: RunOptions) => ({
  detected: NOTHING_DETECTED,
  selected: { gpus: cluster.gpus.slice(0, rayGpus), cpu: false, notices: [] },
  waitedMs: 0,
});
