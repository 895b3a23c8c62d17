import type { RunEvent } from '../model/events.ts';
import { LineOutput } from './output.ts';
import type { Reporter, ReporterSetting } from './reporter.ts';
import { isShown } from './shown-level.ts';

/**
 * Every event as one JSON line on stdout, the last of them `run-finished`. Where the reader is slow, lines of translators
 * are left out and counted in a `notice`; no other event ever is.
 */
export class JsonReporter implements Reporter {
  readonly #out: LineOutput;
  readonly #logLevel: ReporterSetting['logLevel'];

  constructor({ stdout, logLevel }: Pick<ReporterSetting, 'stdout' | 'logLevel'>, roomBytes?: number) {
    this.#out = new LineOutput(stdout, roomBytes);
    this.#logLevel = logLevel;
  }

  report(event: RunEvent): void {
    if (event.type === 'worker-log') {
      if (isShown(event.level, this.#logLevel)) this.#out.lineIfRoom(JSON.stringify(event));
      return;
    }
    const dropped = this.#out.takeDropped();
    if (dropped > 0) {
      const text = `${dropped} worker-log events were left out: the reader of this stream is too slow.`;
      this.#out.line(
        JSON.stringify({ type: 'notice', time: event.time, level: 'warn', text } satisfies RunEvent),
      );
    }
    this.#out.line(JSON.stringify(event));
  }

  finish(): Promise<void> {
    return this.#out.written();
  }

  abandon(): void {}
}
