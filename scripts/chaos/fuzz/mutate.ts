import type { Dice } from '../dice.ts';

/** What an input is made of. */
export interface Material {
  readonly examples: readonly [Buffer, ...Buffer[]];
  readonly words: readonly string[];
  readonly longestBytes: number;
}

/** What breaks readers of text: numbers at their limits, names of prototypes, half characters, openers without an end. */
const TROUBLE: readonly [string, ...string[]] = [
  '0',
  '-1',
  '-0',
  '1e308',
  '1e999',
  '9007199254740993',
  '4294967296',
  '2147483648',
  '1e23',
  'NaN',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '__proto__',
  'constructor',
  'toString',
  '"__proto__":{"x":1},',
  '"type":"done",',
  '"type":',
  '"id":0,',
  '"\\ud800"',
  '"\\u0000"',
  '\0',
  '\ufeff',
  '\u2028',
  '\u202e',
  '\u001b[31m',
  '\u001b]8;;',
  '\u009b',
  '\r',
  '\n',
  '\r\n',
  '\t',
  ' ',
  '\\',
  '"',
  "'",
  '`',
  '\u0300',
  '漢',
  '😀',
  '👩‍👩‍👧',
  '１',
  'ﬃ',
  'İ',
  '../',
  '/',
  '//',
  './',
  '**',
  '*',
  '?',
  '[',
  ']',
  '{',
  '}',
  '(',
  ')',
  '!(',
  '@(',
  '|',
  ',',
  ':',
  ';',
  '=',
  '#',
  '&',
  '*x',
  '&x',
  '!!binary',
  '<<: *x',
  '---',
  '$',
  '%',
  '%s',
  '<',
  '>',
  '-',
  '--',
  '_',
  '.',
  '..',
  '0x',
  '\ud800',
];
const OPENERS: readonly [string, ...string[]] = [
  '[',
  '{"a":',
  '(',
  '{',
  '"',
  "'",
  '[[',
  '- ',
  '!(',
  '{a,',
  '<',
  '「',
  '*a',
  '\\"',
  'a.',
  'a: ',
];

/** An input made from valid ones by up to six changes. The same random numbers make the same input. */
export function mutated({ examples, words, longestBytes }: Material, random: Dice): Buffer {
  let input = random.pick(examples);
  for (let changes = 1 + random.below(6); changes > 0; changes--) {
    input = changed(input, { examples, words, longestBytes }, random);
    if (input.length > longestBytes) input = input.subarray(0, longestBytes);
  }
  return input;
}

function changed(input: Buffer, { examples, words, longestBytes }: Material, random: Dice): Buffer {
  const at = random.below(input.length + 1);
  const to = Math.min(input.length, at + 1 + sizeBelow(Math.max(1, input.length - at), random));
  switch (random.below(13)) {
    case 0:
      return withFlippedBits(input, random);
    case 1:
      return input.subarray(0, at);
    case 2:
      return without(input, at, to);
    case 3:
      return inserted(input, at, repeated(input.subarray(at, to), longestBytes - input.length, random));
    case 4: {
      const other = random.pick(examples);
      return Buffer.concat([input.subarray(0, at), other.subarray(random.below(other.length + 1))]);
    }
    case 5:
      return inserted(input, at, Buffer.from(random.pick(TROUBLE)));
    case 6:
      return inserted(input, at, Buffer.from(wordOf(words, random)));
    case 7:
      return inserted(
        input,
        at,
        repeated(Buffer.from(random.pick(TROUBLE)), longestBytes - input.length, random),
      );
    case 8:
      return inserted(
        input,
        at,
        repeated(Buffer.from(random.pick(OPENERS)), longestBytes - input.length, random),
      );
    case 9:
      return inserted(
        input,
        at,
        repeated(Buffer.from(wordOf(words, random)), longestBytes - input.length, random),
      );
    case 10:
      return withOtherNumber(input, random);
    case 11:
      return inOtherEncoding(input, random);
    default:
      return inserted(without(input, at, to), random.below(at + 1), input.subarray(at, to));
  }
}

const wordOf = (words: readonly string[], random: Dice): string =>
  words[random.below(words.length)] ?? random.pick(TROUBLE);

/** Mostly small: half of the sizes are below the square root of `most`. One in a hundred is `most`. */
const sizeBelow = (most: number, random: Dice): number =>
  random.chance(0.01) ? most : Math.floor(Math.max(1, most) ** (random.next() * random.next()));

function repeated(bytes: Buffer, room: number, random: Dice): Buffer {
  if (bytes.length === 0 || room <= 0) return bytes;
  return Buffer.alloc(Math.min(room, bytes.length * sizeBelow(room / bytes.length, random)), bytes);
}

const inserted = (input: Buffer, at: number, bytes: Buffer): Buffer =>
  Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);

const without = (input: Buffer, from: number, to: number): Buffer =>
  Buffer.concat([input.subarray(0, from), input.subarray(to)]);

function withFlippedBits(input: Buffer, random: Dice): Buffer {
  const flipped = Buffer.from(input);
  for (let bits = 1 + random.below(8); bits > 0 && flipped.length > 0; bits--) {
    const at = random.below(flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (random.chance(0.2) ? 0xff : 1 << random.below(8));
  }
  return flipped;
}

function withOtherNumber(input: Buffer, random: Dice): Buffer {
  const text = input.toString('latin1');
  const numbers = [...text.slice(0, 4096).matchAll(/\d+/g)];
  const number = numbers[random.below(numbers.length)];
  if (number === undefined) return withBinaryNumber(input, random);
  const other = random.chance(0.2) ? '9'.repeat(1 + random.below(400)) : random.pick(TROUBLE);
  return Buffer.concat([
    input.subarray(0, number.index),
    Buffer.from(other),
    input.subarray(number.index + number[0].length),
  ]);
}

function withBinaryNumber(input: Buffer, random: Dice): Buffer {
  if (input.length < 4) return input;
  const changedBytes = Buffer.from(input);
  const value = random.pick([0, 1, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, input.length]);
  changedBytes.writeUInt32LE(value, random.below(input.length - 3));
  return changedBytes;
}

function inOtherEncoding(input: Buffer, random: Dice): Buffer {
  const text = input.toString('utf8');
  return random.pick<() => Buffer>([
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(text, 'latin1'),
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
    () => Buffer.from(text.toUpperCase()),
    () => Buffer.from(text.normalize('NFD')),
    () => Buffer.from(input.toString('hex')),
    () =>
      Buffer.concat([
        input.subarray(0, input.length >> 1),
        Buffer.from([0xed, 0xa0, 0x80, 0xff, 0xc0]),
        input.subarray(input.length >> 1),
      ]),
  ])();
}
