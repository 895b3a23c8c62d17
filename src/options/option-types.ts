import parseDuration from 'parse-duration';
import * as z from 'zod';
import { didYouMean } from '../model/nearest.ts';
import { MOST_PARTS, type Part } from '../model/part.ts';
import { type EngineName, STAGE_MODES, type StageMode } from '../model/run-options.ts';
import { windowsHint } from '../model/windows-path.ts';
import { parseOutputPattern } from '../pages/output-pattern.ts';
import { finishCommandProblem } from '../report/finish-command.ts';
import { parseOutputsIn } from '../translators/script/outputs-in.ts';

/** Timers of the platform hold 31 bits of milliseconds; a longer one would ring at once. */
const LONGEST_MS = 24 * 24 * 3600 * 1000;

const DURATION = /^(?:(?:\d+(?:\.\d+)?\s*(?:ms|s|m|min|h|d)\s*)+|0|off)$/;
const SIZE = /^(\d+(?:\.\d+)?)\s*([KMGTkmgt]?)(i?)[Bb]$/;

/** zod's `error` for one wording, whatever was wrong. */
const words = (say: (given: unknown) => string) => ({
  error: ({ input }: { input?: unknown }) => say(input),
});

/** Some text, not empty. */
export const text = z
  .string(words(() => 'must be a string'))
  .min(
    1,
    words(() => 'is empty'),
  )
  .refine((given) => !given.includes('\0'), 'contains a NUL character');

/** A folder to be made: no path of Windows, and none of another user's home, of which the name would be taken literally. */
export const newFolder = text
  .refine(
    (given) => !/^~[^/]/.test(given),
    'only ~/ means a home folder: write the full path, or ./~… for a folder of that name',
  )
  .refine(
    (given) => windowsHint(given) === undefined,
    words((given) => windowsHint(String(given)) ?? ''),
  );

/** One text or a list of them; read as a list. */
export const texts = z
  .union(
    [text, z.array(text)],
    words(() => 'must be a string or a list of strings'),
  )
  .transform((given) => (typeof given === 'string' ? [given] : given));

/** A list of texts alone. */
export const textList = z.array(
  z.string(words(() => 'must be a string')),
  words(() => 'must be a list of strings'),
);

/** One of `choices`; another one is refused with the nearest. `noun` names what it would be: `strategy`. */
export const choice = <const T extends readonly [string, ...string[]]>(noun: string, choices: T) =>
  z.enum(
    choices,
    words((given) =>
      typeof given === 'string'
        ? `no such ${noun}${didYouMean(given, choices)} (${choices.join(', ')})`
        : `must be one of ${choices.join(', ')}`,
    ),
  );

/** As `choice`, or `off`: read as undefined. */
export const choiceOrOff = <const T extends readonly [string, ...string[]]>(noun: string, choices: T) =>
  choice(noun, [...choices, 'off']).transform((given): T[number] | undefined =>
    given === 'off' ? undefined : given,
  );

/** `on` or `off`; a config file may say `true` and `false`. */
export const onOff = z
  .union(
    [z.boolean(), z.enum(['on', 'off', 'true', 'false'])],
    words(() => 'must be on or off'),
  )
  .transform((given) => given === true || given === 'on' || given === 'true');

/** When pages are copied ahead of the workers; a config file may say `true` and `false`. */
export const stageMode = z
  .union(
    [z.boolean(), z.enum([...STAGE_MODES, 'true', 'false'])],
    words(() => 'must be auto, on or off'),
  )
  .transform((given): StageMode => {
    if (given === true || given === 'true') return 'on';
    return given === false || given === 'false' ? 'off' : given;
  });

function durationProblem(given: unknown): string {
  const asText = String(given).trim();
  if (/^\d+(\.\d+)?$/.test(asText)) return `a duration needs a unit: ${asText}s, ${asText}m, ${asText}h`;
  if (/^-\s*[\d.]/.test(asText)) return "a duration can't be negative";
  return 'not a duration; use 90s, 10m, 1.5h, 8h30m, or 0 for no limit';
}

/** A duration (`90s`, `8h30m`), in milliseconds; `0` and `off` are 0: no limit. */
export const duration = z
  .union([z.literal(0), z.string().regex(DURATION, words(durationProblem))], words(durationProblem))
  .transform((given) => Math.round(parseDuration(String(given)) ?? 0))
  .refine((ms) => ms <= LONGEST_MS, 'at most 24d; 0 means no limit');

function sizeProblem(given: unknown): string {
  const asText = String(given).trim();
  if (/^\d+(\.\d+)?[kmgt]?$/i.test(asText)) {
    const number = asText.replace(/[a-z]$/i, '');
    return `a size needs a unit: ${number}MB, ${number}GB, ${number}GiB`;
  }
  return 'not a size; use 12GB, 512MiB, or off';
}

/** A size (`12GB`: powers of 1000, `512MiB`: of 1024) in bytes, or `off`: undefined. */
export const sizeOrOff = z
  .union([z.literal('off'), z.string().regex(SIZE, words(sizeProblem))], words(sizeProblem))
  .transform((given) => {
    const [, number, power = '', binary] = SIZE.exec(given) ?? [];
    if (number === undefined) return undefined;
    return Math.round(Number(number) * (binary ? 1024 : 1000) ** ' KMGT'.indexOf(power.toUpperCase() || ' '));
  })
  .refine((bytes) => bytes !== 0, 'a size of 0 leaves no room; off means no limit');

function countIn(least: 0 | 1, alsoOff: string) {
  const say = words(() => `must be a whole number, at least ${least}${alsoOff}`);
  const digits = least === 0 ? /^\d{1,9}$/ : /^0*[1-9]\d{0,8}$/;
  return z.union([z.int(say).min(least, say).max(999_999_999, say), z.string().regex(digits, say)], say);
}

/** A whole number, `least` or more. */
export const count = (least: 0 | 1) => countIn(least, '').transform(Number);

/** A whole number from 1 up, or `auto`. */
export const countOrAuto = z
  .union(
    [z.literal('auto'), countIn(1, ', or auto')],
    words(() => 'must be a whole number, at least 1, or auto'),
  )
  .transform((given): number | 'auto' => (given === 'auto' ? 'auto' : Number(given)));

/** A whole number from 1 up, or `off`: undefined. */
export const countOrOff = z
  .union(
    [z.literal('off'), countIn(1, ', or off')],
    words(() => 'must be a whole number, at least 1, or off'),
  )
  .transform((given) => (given === 'off' ? undefined : Number(given)));

/** An amount of money, or of whatever workers count, above 0; or `off`: undefined. */
export const amountOrOff = z
  .union(
    [z.literal('off'), z.number().positive().max(1e12), z.string().regex(/^\d{1,12}(\.\d{1,12})?$/)],
    words(() => 'must be a number above 0 (2.50), or off'),
  )
  .transform((given) => (given === 'off' ? undefined : Number(given)))
  .refine((amount) => amount !== 0, 'must be above 0; off means no limit');

/** A part as it was asked for: a place among N, or to be taken from the platform. */
export type AskedPart = Part | { readonly auto: true; readonly of?: number };

const PART = /^(?:(\d{1,6}|auto)\/(\d{1,6})|auto|off)$/;
const partProblem = () => 'not a part; use 2/4 (the second of four), auto, auto/4, or off';

/** `i/N` (from 1), `auto`, `auto/N` or `off` (undefined). */
export const part = z.string(words(partProblem)).transform((given, ctx): AskedPart | undefined => {
  const refuse = (message: string): undefined => {
    ctx.issues.push({ code: 'custom', message, input: given });
    return undefined;
  };
  if (given === 'off') return undefined;
  if (given === 'auto') return { auto: true };
  const [, index, all] = PART.exec(given) ?? [];
  if (index === undefined || all === undefined) return refuse(partProblem());
  const of = Number(all);
  if (of < 1) return refuse('there must be at least 1 part');
  if (of > MOST_PARTS) return refuse(`there can be at most ${MOST_PARTS} parts`);
  if (index === 'auto') return { auto: true, of };
  if (Number(index) < 1 || Number(index) > of) return refuse(`parts are numbered from 1 to ${of}`);
  return { index: Number(index), of };
});

/** A file suffix with or without its dot, read in lower case without it. */
export const suffix = z
  .string(words(() => 'must be a suffix like png'))
  .regex(
    /^\.?[A-Za-z0-9]{1,10}$/,
    words(() => 'not a suffix; use png, jpg, webp'),
  )
  .transform((given) => given.replace('.', '').toLowerCase());

/** How a program names its outputs, as `--output-name` has it. */
export const outputName = text.refine(
  (given) => typeof parseOutputPattern(given) !== 'string',
  words((given) => String(parseOutputPattern(String(given)))),
);

/** Where a script leaves its outputs, as `--outputs-in` has it. */
export const outputsIn = text.refine(
  (given) => typeof parseOutputsIn(given) !== 'string',
  words((given) => String(parseOutputsIn(String(given)))),
);

/** What is called after a run, as `--on-finish` has it, or `off`: undefined. */
export const finishCommandOrOff = text
  .refine(
    (given) => finishCommandProblem(given) === undefined,
    words((given) => finishCommandProblem(String(given)) ?? ''),
  )
  .transform((given) => (given === 'off' ? undefined : given));

const gpu = z.union([z.string().min(1), z.int().min(0)]);

/** The GPUs, as one text; a config file may give a number or a list of them. What it means is for the selection. */
export const gpuList = z
  .union(
    [text, z.int().min(0), z.array(gpu).min(1)],
    words(() => 'must be auto, cpu, or a list like 0,1 or 0-3'),
  )
  .transform((given) => (Array.isArray(given) ? given.join(',') : String(given)));

const ADDRESS = /^ray:(?:\[[0-9a-fA-F:.]+\]|[^\s:/@]+):(\d{1,5})$/;

function isEngine(given: string): boolean {
  const [, port] = ADDRESS.exec(given) ?? [];
  return given === 'local' || given === 'ray' || isPort(Number(port));
}

const isPort = (port: number): boolean => port >= 1 && port <= 65_535;

function engineProblem(given: unknown): string {
  const asText = String(given);
  if (asText.startsWith('ray://') || asText.startsWith('ray:ray://'))
    return "Ray's client (ray://) is not supported: start the run on a machine of the cluster with ray or ray:HOST:PORT, or use --part on each machine";
  const [, port] = ADDRESS.exec(asText) ?? [];
  if (port !== undefined) return `no port has the number ${port}: they end at 65535`;
  if (asText.startsWith('ray:')) return 'not an address: ray:HOST:PORT, as `ray start --head` prints it';
  return 'must be local, ray, or ray:HOST:PORT';
}

/** Where workers live. */
export const engine = z
  .string(words(engineProblem))
  .refine(isEngine, words(engineProblem))
  .transform((given) => given as EngineName);

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Names of variables: `A,B`, or a list; read as a list without empty ones. */
export const variableNames = z
  .union(
    [z.string(), z.array(z.string())],
    words(() => 'must be names of variables: A,B'),
  )
  .transform((given) =>
    (typeof given === 'string' ? [given] : given)
      .flatMap((some) => some.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
  .refine((names) => names.every((name) => VARIABLE.test(name)), 'must be names of variables: A,B');
