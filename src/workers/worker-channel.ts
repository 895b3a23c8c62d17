import { LineReader, type Redact } from './lines.ts';
import { parseWorkerLine, type WorkerLine } from './protocol.ts';
import { ProtocolLines } from './protocol-lines.ts';
import type { WorkerProcess } from './worker-process.ts';

/** How much of a line is told that is too long to be told. */
const HEAD_CHARACTERS = 200;
/** How much of it is looked through for secrets before. */
const HEAD_BYTES = 8192;

/** What is heard of a warm worker, without secrets. */
export interface ChannelListener {
  /** It spoke to the launcher, rightly or wrongly. */
  said(line: Exclude<WorkerLine, { type: 'noise' }>): void;
  /** A line of its log; what comes on stdout is noise. */
  line(stream: 'stdout' | 'stderr', text: string): void;
  closed(pipe: 'stdin' | 'stdout'): void;
}

/** Listens to a worker from its first byte; all was told when the process's end settles. */
export function listenToWorker(
  { stdin, stdout, stderr }: WorkerProcess,
  ears: ChannelListener,
  redact: Redact,
): void {
  const noise = new LineReader((text) => ears.line('stdout', text), { redact });
  const lines = new ProtocolLines({
    line: (bytes) => {
      const line = parseWorkerLine(bytes.toString('utf8'), redact);
      if (line.type !== 'noise') return ears.said(line);
      noise.push(bytes);
      noise.end();
    },
    tooLong: (head, missing) => {
      const start = redact(head.toString('utf8', 0, HEAD_BYTES)).slice(0, HEAD_CHARACTERS);
      ears.line('stdout', `${start}… [a line of ${head.length + missing} bytes]`);
    },
  });
  const log = new LineReader((text) => ears.line('stderr', text), { redact });
  stdout.on('data', (chunk: Buffer) => lines.push(chunk));
  stdout.on('end', () => {
    lines.end();
    ears.closed('stdout');
  });
  stderr.on('data', (chunk: Buffer) => log.push(chunk));
  stderr.on('end', () => log.end());
  stdin?.on('error', () => ears.closed('stdin'));
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
}
