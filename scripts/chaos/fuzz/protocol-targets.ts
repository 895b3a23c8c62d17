import { redactor } from '../../../src/model/redact.ts';
import { LastWords, mainLine } from '../../../src/workers/last-words.ts';
import { LineLevels } from '../../../src/workers/line-level.ts';
import { LineReader } from '../../../src/workers/lines.ts';
import { parseWorkerLine, requestLine } from '../../../src/workers/protocol.ts';
import { ProtocolLines } from '../../../src/workers/protocol-lines.ts';
import { Session } from '../../../src/workers/session.ts';
import { asBuffers, type FuzzCase, type FuzzTarget } from './target.ts';

const PAGE = 'ch1/001.png';
const ready =
  '{"type":"ready","protocol":1,"translator":"demo","version":"1.0","device":"cuda:0","loadSeconds":3.5}';
const LINES = [
  ready,
  `{"type":"stage","id":"${PAGE}","stage":"inpainting"}`,
  `{"type":"done","id":"${PAGE}","outcome":"translated","seconds":1.5,"stages":{"ocr":0.5,"render":1},"peakMemoryBytes":1000000,"notes":["small"]}`,
  `{"type":"done","id":"${PAGE}","outcome":"no-text","output":null}`,
  `{"type":"failed","id":"${PAGE}","reason":"error","message":"ValueError: bad \\"box\\"\\n  File \\"x.py\\""}`,
  `{"type":"failed","id":"${PAGE}","reason":"busy","message":"Error code: 429","retryAfterSeconds":12}`,
  'Loading weights: 100%|█████| 3/3\r',
];
const WORDS = [
  '"id":',
  PAGE,
  '"stages":{',
  '"message":"',
  '"outcome":"translated"',
  '\n',
  '{"type":"done",',
  ready,
  '"protocol":2',
];
const { text: redact } = redactor({ API_KEY: 'abcdef123456' });

/** Session and readers of one worker that talks on and on; a worker that broke the protocol is replaced. */
class Listener {
  #session = this.#newSession();
  readonly #levels = new LineLevels();
  readonly #log = new LineReader(
    (line) => {
      this.#session.log('stdout', line);
      this.#levels.levelOf(line);
    },
    { redact },
  );
  readonly #lines = new ProtocolLines({
    line: (bytes) => this.#hear(bytes),
    tooLong: (head) => this.#log.push(head),
  });

  hear(input: Buffer, { random }: FuzzCase): void {
    if (this.#session.breach) this.#session = this.#newSession();
    this.#session.hear(parsedReady);
    if (this.#session.hasRoom)
      void this.#session.translate({ id: PAGE, input: '/i', output: '/o', group: 'ch1' });
    for (let at = 0; at < input.length; ) {
      const length = 1 + random.below(random.chance(0.5) ? 40 : 65_536);
      this.#lines.push(input.subarray(at, at + length));
      at += length;
    }
    this.#lines.push(Buffer.from('\n'));
    mainLine(this.#session.lastWords);
  }

  #hear(bytes: Buffer): void {
    const line = parseWorkerLine(bytes.toString('utf8'), redact);
    if (line.type === 'noise') {
      this.#log.push(bytes);
      this.#log.push(Buffer.from('\n'));
    } else this.#session.hear(line);
  }

  #newSession(): Session {
    const nothing = (): void => {};
    const tell = { line: nothing, pageStarted: nothing, stage: nothing };
    return new Session({ send: nothing, redact, tell, pageBegan: nothing, idle: nothing, broken: nothing });
  }
}
const parsedReady = ((): Parameters<Session['hear']>[0] => {
  const line = parseWorkerLine(ready);
  if (line.type === 'noise') throw new Error('the example of a ready line is none');
  return line;
})();
const listener = new Listener();

/** What a warm worker writes to its stdout. */
export const protocolTargets: readonly FuzzTarget[] = [
  {
    name: 'protocol-line',
    kind: 'protocol lines',
    examples: asBuffers(ready, ...LINES, requestLine({ id: PAGE, input: '/in', output: '/out', group: '' })),
    words: WORDS,
    longestBytes: 1024 * 1024,
    read: (input) => parseWorkerLine(input.toString('utf8'), redact),
  },
  {
    name: 'protocol-stream',
    kind: 'protocol lines',
    examples: asBuffers(LINES.join('\n'), ...LINES),
    words: WORDS,
    // Some thousand lines: what is looked for is one that takes long.
    longestBytes: 8 * 1024,
    read: (input, at) => listener.hear(input, at),
  },
];

const words = new LastWords();
const levels = new LineLevels();
const reader = new LineReader(
  (line) => {
    words.add(line);
    levels.levelOf(line);
  },
  { redact },
);

/** What any child writes to its pipes. */
export const outputTarget: FuzzTarget = {
  name: 'child-output',
  kind: 'translator output',
  examples: asBuffers(
    'INFO: [local] Translating: "/in/001.png"\n\u001b[32mdone\u001b[0m\n',
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: no\n',
    ' 10%|#   | 1/10\r 20%|##  | 2/10\r 30%|### | 3/10\r\n',
  ),
  words: ['\r', '\n', '\u001b[', 'API_KEY=abcdef123456', 'Traceback (most recent call last):'],
  // A line is cut at 68 kB; thousands of lines take as long as thousands of lines do.
  longestBytes: 16 * 1024,
  read: (input, { random }) => {
    const cut = random.below(input.length + 1);
    reader.push(input.subarray(0, cut));
    reader.push(input.subarray(cut));
    reader.push(Buffer.from('\n'));
    return mainLine(words.lines);
  },
};
