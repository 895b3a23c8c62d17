import type { Outcome } from '../model/outcome.ts';
import { tellsOutOfMemory } from '../translators/out-of-memory.ts';
import { tellsServiceRefusal } from '../translators/service-refusal.ts';
import { believedSeconds, type MeasuredSeconds } from './believed-seconds.ts';
import { mainLine } from './last-words.ts';
import type { DoneMessage, FailedMessage } from './protocol.ts';
import { lossInWords, type WorkerEnd } from './worker-end.ts';

/** Why the launcher itself ended a warm worker. `breach`: it broke the protocol. */
type WarmEndedBy = 'page-timeout' | 'start-timeout' | 'breach' | 'finish' | 'kill';

/** A worker that is gone and was not told to end. */
export interface WorkerLoss {
  readonly by: 'lost';
  /** `oom`: its last words say so. `error`: it broke the protocol. */
  readonly reason: 'crash' | 'oom' | 'timeout' | 'error';
  readonly message: string;
  /** The last lines that it wrote, of the page at work. */
  readonly lastWords: readonly string[];
  readonly end: WorkerEnd;
  /** Set where it spoke another protocol: each worker of this program will. */
  readonly otherProtocol?: number;
}

/** What came of a worker's start. */
export type Ready =
  | {
      readonly by: 'ready';
      readonly translator: string;
      readonly version: string;
      readonly device: string;
      readonly loadSeconds: number;
      /** Device memory that it holds, by its own word. */
      readonly memoryBytes?: number;
    }
  | WorkerLoss
  /** The launcher itself ended it before. */
  | { readonly by: 'stopped'; readonly end: WorkerEnd };

/** What became of a page that was handed to a worker. After `lost` and `handed-back` the worker is gone. */
export type PageAnswer =
  | {
      readonly by: 'done';
      readonly outcome: Exclude<Outcome, 'failed'>;
      /** Null: no file is right. */
      readonly output?: null;
      /** The worker's own word where it can be true, else the time since the page began. */
      readonly seconds: number;
      readonly stages?: Readonly<Record<string, number>>;
      readonly peakMemoryBytes?: number;
      /** As the worker said it. */
      readonly cost?: number;
      /** What the worker has to say of the page. */
      readonly notes?: readonly string[];
      /** What a service said that refused the page, which came out untranslated. */
      readonly refusal?: string;
    }
  | {
      readonly by: 'failed';
      /** `busy`: a service refused it for now, which is no failure of the page. */
      readonly reason: 'oom' | 'unreadable' | 'error' | 'busy';
      readonly message: string;
      readonly seconds: number;
      /** With `busy` alone: how long the service asked to wait. */
      readonly retryAfterSeconds?: number;
    }
  | WorkerLoss
  /** It was never begun, or the launcher ended the worker: no try of the page. */
  | { readonly by: 'handed-back'; readonly end: WorkerEnd };

/** A warm worker's life once it is over. */
export interface WarmEnd {
  readonly end: WorkerEnd;
  readonly wasReady: boolean;
  /** Pages that it answered. */
  readonly pages: number;
  /** Missing where the launcher told it to end. */
  readonly loss?: WorkerLoss;
}

/** A worker's answer in the launcher's words; its own seconds are believed as far as they can be true. */
export function answerOf(
  message: DoneMessage | FailedMessage,
  took: MeasuredSeconds,
  lines: readonly string[] = [],
): PageAnswer {
  const seconds = believedSeconds(message.seconds, took);
  if (message.type === 'failed') {
    const words = message.message ?? 'the worker gave no reason';
    // A worker in another language, or an older copy of the Python library, may not know these words.
    const isShort = message.reason === 'error' && tellsOutOfMemory([words]);
    const { retryAfterSeconds } = message;
    return {
      by: 'failed',
      reason: isShort ? 'oom' : message.reason,
      message: words,
      seconds,
      ...(message.reason === 'busy' && retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  }
  const { outcome, output, stages, peakMemoryBytes, cost, notes } = message;
  const refusal = outcome === 'untranslated' ? lines.findLast(tellsServiceRefusal) : undefined;
  return {
    by: 'done',
    outcome,
    seconds,
    ...(output === null && { output }),
    ...(stages && { stages }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
    ...(cost !== undefined && { cost }),
    ...(notes && notes.length > 0 && { notes }),
    ...(refusal !== undefined && { refusal }),
  };
}

const NEVER_READY =
  'ended (exit code 0) without saying that it is ready: a Python worker calls mgpu_worker.run(load=…, translate=…) at its end, another writes the "ready" line';
const LEFT_A_PAGE = 'ended (exit code 0) in the middle of a page';

/** Why a worker was lost, from its end and its last words; pure. */
export function lossOf(ended: {
  readonly end: WorkerEnd;
  readonly endedBy: WarmEndedBy | undefined;
  readonly why?: string;
  readonly otherProtocol?: number;
  readonly lines: readonly string[];
  /** It said so. */
  readonly wasReady: boolean;
  readonly pageTimeoutMs: number;
  readonly startTimeoutMs: number;
}): WorkerLoss {
  const { end, endedBy, why, otherProtocol, lines } = ended;
  const loss = { by: 'lost', lastWords: lines, end } as const;
  const words = mainLine(lines);
  const withWords = (message: string): string => (words === '' ? message : `${message}: ${words}`);
  switch (endedBy) {
    case 'page-timeout':
      return {
        ...loss,
        reason: 'timeout',
        message: withWords(`no response for ${ended.pageTimeoutMs / 1000} s`),
      };
    case 'start-timeout':
      return {
        ...loss,
        reason: 'timeout',
        message: withWords(`not ready within ${ended.startTimeoutMs / 1000} s`),
      };
    case 'breach':
      return {
        ...loss,
        reason: 'error',
        message: why ?? '',
        ...(otherProtocol !== undefined && { otherProtocol }),
      };
    default:
      if (tellsOutOfMemory(lines)) {
        return {
          ...loss,
          reason: 'oom',
          message: lines.findLast((line) => tellsOutOfMemory([line]))?.trim() ?? words,
        };
      }
      if (end.by === 'exit' && end.code === 0)
        return { ...loss, reason: 'crash', message: withWords(ended.wasReady ? LEFT_A_PAGE : NEVER_READY) };
      return { ...loss, reason: 'crash', message: lossInWords(end, lines) };
  }
}
