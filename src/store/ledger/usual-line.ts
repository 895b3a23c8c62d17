import { FAILURE_REASONS, OUTCOMES } from '../../model/outcome.ts';
import { isRecord, type JsonRecord } from '../../model/parsed-json.ts';

const REASONS: ReadonlySet<unknown> = new Set(FAILURE_REASONS);
const ENDS: ReadonlySet<unknown> = new Set(OUTCOMES);
const FIELDS: ReadonlySet<string> = new Set([
  'type',
  'time',
  'page',
  'slot',
  'gpu',
  'attempt',
  'outcome',
  'reason',
  'message',
  'seconds',
  'width',
  'height',
  'peakMemoryBytes',
  'source',
  'output',
  'unchanged',
  'options',
]);
/** As this program writes it; the last days of months are left to the calendar. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

const isText = (field: unknown): boolean => typeof field === 'string';
const isAmount = (field: unknown): boolean => Number.isFinite(field) && Number(field) >= 0;
const isCount = (field: unknown): boolean => Number.isSafeInteger(field) && isAmount(field);
const mayText = (field: unknown): boolean => field === undefined || typeof field === 'string';
const mayAmount = (field: unknown): boolean => field === undefined || isAmount(field);

/**
 * True for the line of a page with nothing odd in it, which needs no other check and is taken as it is. Nearly all lines of a
 * ledger are such, and there may be 100,000 of them: the checks of all kinds take three times as long as this one.
 */
export function isUsualLine(value: JsonRecord): boolean {
  const { type, time, page, slot, gpu, attempt, outcome, reason, message, source, output, options } = value;
  const { seconds, width, height, peakMemoryBytes, unchanged } = value;
  return (
    type === 'page-finished' &&
    typeof time === 'string' &&
    TIME.test(time) &&
    isName(page) &&
    isCount(attempt) &&
    ENDS.has(outcome) &&
    isText(options) &&
    mayText(slot) &&
    mayText(message) &&
    (gpu === undefined || gpu === null || isCount(gpu)) &&
    (reason === undefined || REASONS.has(reason)) &&
    mayAmount(seconds) &&
    mayAmount(width) &&
    mayAmount(height) &&
    mayAmount(peakMemoryBytes) &&
    (unchanged === undefined || unchanged === true) &&
    (source === null || isSource(source)) &&
    (output === null || isOutput(output)) &&
    Object.keys(value).every((field) => FIELDS.has(field))
  );
}

const isName = (field: unknown): boolean => typeof field === 'string' && !field.includes('\0');

function isSource(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { bytes, mtimeMs, crc32 } = value;
  return isAmount(bytes) && Number.isFinite(mtimeMs) && isAmount(crc32) && Object.keys(value).length === 3;
}

function isOutput(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { path, bytes } = value;
  const isInside =
    typeof path === 'string' &&
    path !== '' &&
    !path.startsWith('/') &&
    !path.includes('..') &&
    !path.includes('\0');
  return isInside && isAmount(bytes) && Object.keys(value).length === 2;
}
