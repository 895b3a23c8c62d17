import { FAILURE_REASONS, OUTCOMES } from '../../model/outcome.ts';
import { isRecord } from '../../model/parsed-json.ts';

const REASONS: ReadonlySet<unknown> = new Set(FAILURE_REASONS);
const ENDS: ReadonlySet<unknown> = new Set(OUTCOMES);

const isText = (field: unknown): boolean => typeof field === 'string';
const mayText = (field: unknown): boolean => field === undefined || typeof field === 'string';
const mayAmount = (field: unknown): boolean =>
  field === undefined || (Number.isFinite(field) && Number(field) >= 0);
const mayTrue = (field: unknown): boolean => field === undefined || field === true;
const isTime = (field: unknown): boolean => typeof field === 'string' && !Number.isNaN(Date.parse(field));

/**
 * True for the start or end of a page with nothing odd in it, which needs no other check and is taken as it is. Nearly all events
 * of a run are such: the checks of all kinds take three times as long as this one.
 */
export function isUsualEvent(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { type, time, page, slot, attempt, outcome, reason, message, seconds, cost, output, notes } = value;
  if (type === 'page-started') return isText(page) && isText(slot) && isTime(time);
  if (type !== 'page-finished') return false;
  const { unchanged, recovered, waitSeconds, staged, originalInPlace } = value;
  return (
    isText(page) &&
    isTime(time) &&
    Number.isSafeInteger(attempt) &&
    mayAmount(attempt) &&
    ENDS.has(outcome) &&
    (reason === undefined || REASONS.has(reason)) &&
    [slot, message, output].every(mayText) &&
    [seconds, cost, waitSeconds].every(mayAmount) &&
    [unchanged, recovered, staged, originalInPlace].every(mayTrue) &&
    notes === undefined
  );
}
