import { cardUses } from '../devices/card-use.ts';
import { detectGpus } from '../devices/detect.ts';
import { runTool } from '../devices/run-tool.ts';
import { STOP_SIGNALS } from '../model/stop.ts';
import { paintFor } from '../report/colours.ts';
import { columnsOf } from '../report/output.ts';
import { codeOfSignal } from '../run/exit-code.ts';
import { pythonFile } from '../translators/python-files.ts';
import { completionScript } from './completion.ts';
import { type Actions, runProgram } from './program.ts';
import { runCommand } from './run.ts';
import { redact, tellError } from './tell-error.ts';
import { version } from './version.ts';

/** What a process that has nothing left to do is given before it is ended: a worker that can't be killed holds its pipes. */
const LINGER_MS = 3000;

const READER_LEFT = new Set([undefined, 'EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

const whyUnwritten = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'ENOSPC' ? 'no space left' : message;

const { env, stdout, stderr } = process;
const argv = process.argv.slice(2);

// Node would show the error as it is: of a program that could not be started with all its arguments.
process.on('uncaughtException', (error) => {
  process.exit(tellError(error));
});

const actions: Actions = {
  run: (given) => runCommand(given, argv),
  demo: async ({ folder }) => (await import('./demo.ts')).demoCommand(folder),
  plan: async (given) => (await import('./plan.ts')).planCommand(given),
  gpus: async ({ flags }) => {
    if (flags['engine'] !== undefined && flags['engine'] !== 'local') return clusterGpus(flags);
    const { formatGpus, gpusReport, minFreeOf } = await import('./gpus.ts');
    const asking = { run: runTool, env, redact: redact.text };
    const detected = await detectGpus(asking);
    const uses = await cardUses(detected, asking);
    const report = gpusReport({ ...uses, detected, env, minFreeBytes: minFreeOf(flags) });
    stdout.write(
      flags.json === true
        ? `${JSON.stringify(report)}\n`
        : formatGpus(report, paintFor(stdout, env), columnsOf(stdout)),
    );
    return 0;
  },
  doctor: async (given) => (await import('./doctor.ts')).doctorCommand(given),
  translators: async ({ flags }) => {
    const { formatTranslators, translatorsReport } = await import('./translators.ts');
    const report = await translatorsReport(process.cwd());
    stdout.write(
      flags.json === true
        ? `${JSON.stringify(report)}\n`
        : formatTranslators(report, paintFor(stdout, env), columnsOf(stdout)),
    );
    return 0;
  },
  report: async (given) => (await import('./report.ts')).reportCommand(given),
  'worker-library': async () => {
    stdout.write(`${pythonFile('mgpu_worker.py')}\n`);
    return 0;
  },
  completion: async ({ shell }) => {
    stdout.write(completionScript(shell, Object.keys(actions)));
    return 0;
  },
};

async function clusterGpus(flags: Readonly<Record<string, unknown>>): Promise<number> {
  const { clusterReport, engineOf, formatCluster } = await import('./cluster-gpus.ts');
  const python = typeof flags['rayPython'] === 'string' ? flags['rayPython'] : undefined;
  const asked = { python, cwd: process.cwd(), env, redact: redact.text };
  const report = await clusterReport(engineOf(flags), asked);
  stdout.write(
    flags['json'] === true
      ? `${JSON.stringify(report)}\n`
      : formatCluster(report, paintFor(stdout, env), columnsOf(stdout)),
  );
  return 0;
}

let hungUp = false;
const unwritten = new Map<string, string>();
for (const [name, stream] of Object.entries({ stdout, stderr }))
  stream.on('error', (error: NodeJS.ErrnoException) => {
    hungUp ||= error.code === 'EIO';
    // A reader that left (`| head`) ends no run, and neither does a terminal that hung up.
    if (!READER_LEFT.has(error.code)) unwritten.set(name, whyUnwritten(error));
  });
process.on('exit', () => {
  for (const [name, why] of unwritten) {
    process.exitCode = 3;
    stderr.write(`error: can't write to ${name}: ${why}\n`);
  }
  // At its exit Node restores the terminal's state, and aborts (a core dump) where that terminal is gone.
  if (!hungUp) return;
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
});

/** Ends the process where something that nobody waits for keeps it. */
function endWhatLingers(): void {
  const linger = setInterval(() => {
    if (stdout.writableLength > 0 || stderr.writableLength > 0) return;
    const signal = STOP_SIGNALS.find((each) => codeOfSignal(each) === process.exitCode);
    // Ended as by itself it would wait for a disk that does not answer.
    if (signal === undefined) process.exit();
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  }, LINGER_MS);
  linger.unref();
}

const writeOut = (text: string): boolean => stdout.write(text);
const writeErr = (text: string): boolean => stderr.write(text);

// Node's own for a program that never came to its end: it is no success.
process.exitCode = 13;
runProgram(argv, { actions, version, writeOut, writeErr })
  .then((code) => {
    process.exitCode = code;
  })
  .catch((error: unknown) => {
    process.exitCode = tellError(error);
  })
  .finally(endWhatLingers);
