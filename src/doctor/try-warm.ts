import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import prettyBytes from 'pretty-bytes';
import { workerEnvironment } from '../devices/slots.ts';
import { definedOnly } from '../model/defined-only.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Slot } from '../model/slot.ts';
import { verifyOutput } from '../pages/verify.ts';
import { redactorFor } from '../run/run-redactor.ts';
import type { WarmTranslator } from '../translators/translator.ts';
import type { WorkerChannel } from '../workers/hosts/host.ts';
import { LocalHost } from '../workers/hosts/local/local-host.ts';
import type { PageAnswer } from '../workers/warm-answer.ts';
import { WarmWorker } from '../workers/warm-worker.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';

const CHECK = 'translator';
const SHOWN_LINES = 4;

/** Starts one worker for real and gives it a generated page: what loads, where, in how many seconds, and what is missing. */
export async function tryWarm(
  translator: WarmTranslator,
  { context, slot }: { context: DoctorContext; slot: Slot },
): Promise<Finding> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mgpu-doctor-'));
  const host = new LocalHost();
  try {
    await host.assertReady();
    return await tried(translator, { context, slot, folder, host });
  } finally {
    await host.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tried(
  translator: WarmTranslator,
  { context, slot, folder, host }: { context: DoctorContext; slot: Slot; folder: string; host: LocalHost },
): Promise<Finding> {
  const { options, env, cwd } = context;
  const { programFolders } = translator;
  const { text: redact } = await redactorFor(options, { env, cwd, programFolders });
  const set = workerEnvironment({ slot, slots: [slot], env, cores: availableParallelism() });
  const command = translator.command(slot);
  const channel = host.start(slot, { command, env: { ...definedOnly(env), ...set }, takesLines: true });
  return tryWorker(channel, translator, { options, slot, folder, redact });
}

/** What a worker that was just started makes of a page, which is drawn in the folder. */
export async function tryWorker(
  channel: WorkerChannel,
  translator: Pick<WarmTranslator, 'outputName'>,
  {
    options,
    slot,
    folder,
    redact,
  }: {
    readonly options: Pick<RunOptions, 'pageTimeoutMs' | 'startTimeoutMs'>;
    readonly slot: Slot;
    readonly folder: string;
    readonly redact: (text: string) => string;
  },
): Promise<Finding> {
  const worker = new WarmWorker({
    channel,
    pageTimeoutMs: options.pageTimeoutMs,
    startTimeoutMs: options.startTimeoutMs,
    redact,
    tell: { line: () => {}, pageStarted: () => {}, stage: () => {} },
  });
  const ready = await worker.ready;
  if (ready.by !== 'ready') {
    await worker.ended;
    const lines = ready.by === 'lost' ? ready.lastWords : [];
    return trouble(
      CHECK,
      `its worker ended before it was ready: ${ready.by === 'lost' ? ready.message : 'it was stopped'}`,
      remedy(lines),
    );
  }
  const { samplePage } = await import('./sample-page.ts');
  const input = path.join(folder, 'page.png');
  const output = path.join(folder, `translated-${path.basename(translator.outputName('page.png'))}`);
  await writeFile(input, samplePage());
  const answer = await worker.translate({ id: 'page.png', input, output, group: '' });
  await worker.finish();
  const { translator: name, version, device, loadSeconds } = ready;
  const loaded = `${name} ${version} loads in ${loadSeconds.toFixed(1)} s on ${device}`;
  const outcome = outcomeOf(answer, output);
  const isOnCpu = slot.gpu !== null && device === 'cpu';
  if (outcome.trouble !== undefined) {
    return trouble(
      CHECK,
      `${loaded}, but fails on a page: ${outcome.trouble}`,
      'see the line above; make the program run by itself first',
    );
  }
  if (isOnCpu) {
    return warning(
      CHECK,
      `${loaded} although it was given a GPU, a page: ${outcome.text}`,
      'install a torch with CUDA for this driver into the same Python',
    );
  }
  return fine(CHECK, `${loaded}, a page: ${outcome.text}`);
}

function outcomeOf(answer: PageAnswer, output: string): { text: string; trouble?: string } {
  if (answer.by === 'handed-back') return { text: '', trouble: 'the worker ended' };
  if (answer.by !== 'done') return { text: '', trouble: answer.message };
  const verdict = answer.output === null ? undefined : verifyOutput(output).verdict;
  if (verdict && 'missing' in verdict)
    return { text: '', trouble: 'it reported the page as done, but there is no file' };
  if (verdict && !verdict.whole) return { text: '', trouble: `its output is incomplete: ${verdict.why}` };
  const peak = answer.peakMemoryBytes;
  const memory = peak === undefined ? '' : `, at most ${prettyBytes(peak, { binary: true })} of GPU memory`;
  return { text: `${answer.outcome} in ${answer.seconds.toFixed(1)} s${memory}` };
}

/** The command that mends it where its last words tell; else these words themselves. */
function remedy(lines: readonly string[]): string {
  const missing = lines
    .map((line) => /No module named '?([\w.]+)/.exec(line)?.[1])
    .findLast((name) => name !== undefined);
  return missing === undefined
    ? `last output: ${lines.slice(-SHOWN_LINES).join(' | ') || 'none'}`
    : `install ${missing} into that Python: python -m pip install -r requirements.txt in the translator's folder`;
}
