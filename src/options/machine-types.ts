import * as z from 'zod';
import { MOST_PARTS, type Part } from '../model/part.ts';
import type { EngineName } from '../model/run-options.ts';
import { text, words } from './option-types.ts';

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
