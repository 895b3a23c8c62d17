import type { WorkerChannel } from './hosts/host.ts';
import { LineReader, type Redact } from './lines.ts';
import { parseWorkerLine, type WorkerLine } from './protocol.ts';
import { ProtocolLines } from './protocol-lines.ts';

/** How much of a line is told that is too long to be told. */
const HEAD_CHARACTERS = 200;
/** How much of it is looked through for secrets before. */
const HEAD_BYTES = 8192;

/** What is heard of a warm worker, without secrets. */
export interface WarmEars {
  /** It spoke to the launcher, rightly or wrongly. */
  said(line: Exclude<WorkerLine, { type: 'noise' }>): void;
  /** A line of its log; what comes on stdout is noise. */
  line(stream: 'stdout' | 'stderr', text: string): void;
  closed(pipe: 'stdin' | 'stdout'): void;
}

/** Listens to a worker from its first byte; all was told when its end settles. */
export function listenToWorker(channel: Pick<WorkerChannel, 'hear'>, ears: WarmEars, redact: Redact): void {
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
  channel.hear({
    said: (pipe, bytes) => (pipe === 'stdout' ? lines : log).push(bytes),
    closed: (pipe) => {
      if (pipe === 'stderr') return log.end();
      if (pipe === 'stdout') lines.end();
      ears.closed(pipe);
    },
  });
}
