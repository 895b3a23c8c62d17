import { NO_FAILURE, NO_NAME, tellsOutOfMemory } from './out-of-memory.ts';
import { linesOf, withoutPaths, withoutQuotes } from './said-text.ts';

/** A service that takes no request now and will later. */
interface ServiceRefusal {
  /** How long it asked to wait: more than 0, at most 600. Missing where it did not say. */
  readonly retryAfterSeconds?: number;
}

/** Nobody is waited for longer than this. */
export const LONGEST_RETRY_AFTER_SECONDS = 600;

/** Too many requests, service unavailable, overloaded. */
const STATUS = '(?:429|503|529)';
/** A number alone: not 429.5, 503 px, 12:429, 429x600. */
const NUMBER = String.raw`${STATUS}(?!\w|[.,:/-]\d|%| ?(?:px|pixels|ms|msecs?|[kmg]i?b|bytes|s|secs?|seconds|minutes|boxes|regions|pages|lines)\b)${NO_NAME}`;
const PHRASE = String.raw`(?:too many requests|service (?:is )?(?:temporarily )?unavailable|(?:client|server) error|resource.?exhausted|unavailable|overloaded|rate.?limit\w*|status code|the model is overloaded)`;

/** Each is a regular expression for one line without paths, quotations and the page's name. Whatever its case. */
const BUSY: readonly string[] = [
  // Names of exceptions: OpenAI and its kin, Google, DeepL, AWS, Tencent
  String.raw`\b(?:\w*RateLimit(?:ed|Exceeded|Reached)?(?:Error|Exception)|\w*TooManyRequests(?:Error|Exception)?|\w*Overloaded(?:Error|Exception)|Throttl(?:ing|ed)(?:Error|Exception)|RequestLimitExceeded|ServiceUnavailable(?:Error|Exception)?)\b${NO_NAME}`,
  String.raw`\bRESOURCE_EXHAUSTED\b${NO_NAME}|\bResourceExhausted\b(?:: |$)`,
  // Codes: OpenAI, Anthropic, Google
  String.raw`\b(?:rate_limit_(?:exceeded|error|reached)|rateLimitExceeded|overloaded_error|server_overloaded|engine_overloaded\w*)\b${NO_NAME}`,
  // "HTTP 429", "HTTP/1.1 503", "HTTP Error 429", "HTTPError: 503", "http_status=429"
  String.raw`\bHTTP(?:S?\/\d(?:\.\d)?|\w*Error)?[ _-]?(?:status|error|code|response)?[ _-]?(?:code)?\W{0,4}${NUMBER}`,
  // "Error code: 429", "status_code=529", "response status was 503"
  String.raw`(?:\b|_)(?:status|code)(?:_?code)?(?: code)?(?: is| was| of)?[\s:=([]{1,4}${NUMBER}`,
  String.raw`\b${STATUS}\b[\])]?[:,]? (?:message=)?[(\[]?${PHRASE}\b${NO_NAME}`,
  // What stands first behind the name of an exception: "google.api_core.exceptions.ResourceExhausted: 429 Resource has been …"
  String.raw`^(?:\w{1,40}\.){0,8}\w{0,40}(?:HTTP|API|Client|Server|Response|Request|Status)\w{0,40}(?:Error|Exception): \W{0,2}${NUMBER}`,
  // In words
  String.raw`\brate[ -]limit(?:s|ed)?(?: (?:is|was|has been))? (?:reached|exceeded|hit)\b${NO_NAME}|\btoo many requests\b${NO_NAME}`,
  String.raw`\b(?:model|engine|server|service)(?: \w+)? is (?:currently |temporarily )?overloaded\b${NO_NAME}`,
  String.raw`\bservice (?:is )?(?:currently |temporarily )?unavailable\b${NO_NAME}`,
];

/** A server that was there and is not: it starts again, or its machine does. */
const UNREACHABLE: readonly string[] = [
  String.raw`\bconnection (?:was )?refused\b${NO_NAME}|\bECONNREFUSED\b|\bConnectionRefusedError\b|\bactively refused it\b`,
  // OpenAI's and httpx' words for the same
  String.raw`\bAPIConnectionError\b|\bConnectError: All connection attempts failed\b`,
];

/** A limit that is not over soon, an account without money, or a request that will never be taken. */
const NEVER: readonly string[] = [
  String.raw`\binsufficient[ _-](?:quota|balance|credits?|funds)\b|\bbilling|\bcredit balance\b|\bpayment required\b|\bbudget\b`,
  String.raw`\b(?:spend(?:ing)?|usage)[ _-]limit\b|\blimit: 0\b(?!\.)|\baccount (?:is |was |has been )?(?:suspended|deactivated|disabled|not active)\b`,
  String.raw`\bexceed(?:ed|s)? your current quota\b`,
  String.raw`(?:\b|_|[a-z])per[ _-]?(?:day|week|month)|\b(?:daily|weekly|monthly)\b|\((?:RPD|TPD)\)`,
  String.raw`\brequest too large\b|\bmust be reduced\b|\b(?:message|payload) larger than\b`,
];
/** Google says that its quota is exceeded and where the bills are, whichever limit was met; the limit's name tells. */
const PER_MINUTE = String.raw`(?:\b|_|[a-z])per[ _-]?min(?:ute)?`;
const OF_EVERY_QUOTA = String.raw`\byou exceeded your current quota\b|\bplease check your plan and billing details\b`;
/** What deep_translator says in each refusal; which limit was met it does not know. */
const ALLOWANCE = String.raw`\bup to [\d.,]+k? requests per day\b`;

/** Of the machine: jax, XLA and TensorFlow use the same word. */
const OF_THE_MACHINE = String.raw`\b(?:xla\w*|jaxlib|tensorflow|cuda|hbm|vmem|allocat\w*|out of memory)\b`;

const all = (patterns: readonly string[]): RegExp => new RegExp(patterns.join('|'), 'i');
const IS_BUSY = all(BUSY);
const IS_UNREACHABLE = all(UNREACHABLE);
const IS_NEVER = all(NEVER);
const IS_PER_MINUTE = all([PER_MINUTE]);
const EVERY_OF_EVERY_QUOTA = new RegExp(OF_EVERY_QUOTA, 'gi');
const EVERY_ALLOWANCE = new RegExp(ALLOWANCE, 'gi');
const IS_EXHAUSTED = /resource.?exhausted/i;
const IS_OF_THE_MACHINE = all([OF_THE_MACHINE]);
const IS_PASSED_OVER = all(NO_FAILURE);

/**
 * What a service said that has no time for requests now, in the words of the exception that a page failed with. Undefined where
 * no service spoke, and where waiting does not help: quotas, bills, limits per day. A refused connection counts once the
 * service has answered in this run.
 */
export function serviceRefusal(
  message: string,
  pageName: string,
  { hasAnswered }: { readonly hasAnswered: boolean },
): ServiceRefusal | undefined {
  const lines = linesOf([withoutName(message, pageName)]);
  const spoken = ownLines(lines).filter((line) => !IS_PASSED_OVER.test(line));
  const isRefusal = spoken.map(withoutForeignText).some((line) => tellsBusy(line, hasAnswered));
  if (!isRefusal || tellsOutOfMemory(lines) || lastsLong(lines)) return undefined;
  const seconds = secondsToWait(lines.join('\n'));
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

/** A cheap look first: most lines have none of this in them. */
const MAY_REFUSE = /429|503|529|limit|exhaust|overload|unavailable|throttl|too many/i;

/** A logger's level: a program that goes on without an answer warns of it. */
const LEVEL = /^\W{0,4}(?:warn(?:ing)?|error|critical)\b\W{1,4}(?:\[[^\]]{0,60}\] )?/i;

/** True for a line of a log in which a service refuses for now, whatever it has answered before. */
export const tellsServiceRefusal = (line: string): boolean =>
  MAY_REFUSE.test(line) && serviceRefusal(line.replace(LEVEL, ''), '', { hasAnswered: false }) !== undefined;

function tellsBusy(line: string, hasAnswered: boolean): boolean {
  if (IS_EXHAUSTED.test(line) && IS_OF_THE_MACHINE.test(line)) return false;
  return IS_BUSY.test(line) || (hasAnswered && IS_UNREACHABLE.test(line));
}

/** Quotations are looked at, too: that is where a service's own words are. */
function lastsLong(lines: readonly string[]): boolean {
  const text = lines.map((line) => withoutPaths(line.replace(/\\[nrt"']/g, ' '))).join('\n');
  const told = text.replace(EVERY_ALLOWANCE, ' ');
  return IS_NEVER.test(IS_PER_MINUTE.test(told) ? told.replace(EVERY_OF_EVERY_QUOTA, ' ') : told);
}

/** A page may be called `HTTP 429.png`. */
function withoutName(message: string, pageName: string): string {
  const base = pageName.slice(pageName.lastIndexOf('/') + 1);
  const stem = base.replace(/\.\w{1,5}$/, '');
  // A page called 429 would take the service's own number away.
  const names = [pageName, base, ...(/\p{L}/u.test(stem) && stem.length > 2 ? [stem] : [])];
  return names.reduce((text, name) => (name === '' ? text : text.replaceAll(name, '…')), message);
}

/** Of a traceback the exceptions, not the code that they went through. */
function ownLines(lines: readonly string[]): readonly string[] {
  const isTraceback = lines.some((line) => /^\s*(?:Traceback \(most|File ")/.test(line));
  return isTraceback ? lines.filter((line) => !/^ {2}/.test(line)) : lines;
}

/** Fields of a service's answer, which Python and JSON print in quotes: `'code': 429`, `"status":"RESOURCE_EXHAUSTED"`. */
const FIELD =
  /(["'])(code|status|type|reason|status_?code|error_?code|http_?status)\1 ?: ?(?:(["'])([\w. -]{1,60})\3|(?=\d))/gi;
/** httpx: `Client error '429 Too Many Requests' for url '…'`. */
const QUOTED_STATUS = new RegExp(String.raw`\b(client|server) error '(${STATUS} [a-z ]{1,40})'`, 'gi');

const withoutForeignText = (line: string): string =>
  withoutPaths(
    withoutQuotes(
      line
        .replace(FIELD, (_all, _quote, name, _other, value = '') => ` ${name}: ${value}`)
        .replace(QUOTED_STATUS, '$1 error $2'),
    ),
  );

const AMOUNT = String.raw`(\d{1,9}(?:\.\d{1,12})?) ?`;
/** What says how long to wait, in the order in which it is believed. */
const WAITS: readonly RegExp[] = [
  // A header, or a field that was made of it
  new RegExp(String.raw`\bretry[-_ ]?after[-_ ]?ms["']?\s{0,3}[:=]?\s{0,3}["']?${AMOUNT}()`, 'gi'),
  new RegExp(
    String.raw`\bretry[-_ ]?after(?:[-_ ]?(?:seconds|secs?))?["']?\s{0,3}[:=]?\s{0,3}["']?${AMOUNT}(\w*)`,
    'gi',
  ),
  // Google's
  new RegExp(String.raw`\bretry_?delay["']?\s{0,3}[:=]?\s{0,3}["']?${AMOUNT}(s)`, 'gi'),
  new RegExp(String.raw`\bretry_?delay\s{0,3}[:=]?\s{0,3}\{\s{0,40}seconds: ${AMOUNT}()`, 'gi'),
];
/** In words: "Please try again in 7m12.5s", "retry in 354ms", "please wait 20 seconds". */
const IN_WORDS =
  /\b(?:(?:try again|retry(?:ing)?)(?: after| in)|wait(?: for)?) (?:about |at least )?((?:\d{1,9}(?:\.\d{1,12})? ?[a-z]{0,12} ?){1,4})/gi;
const EVERY_AMOUNT = new RegExp(`${AMOUNT}([a-z]*)`, 'gi');

function secondsToWait(text: string): number | undefined {
  const told = WAITS.flatMap((pattern, index) =>
    [...text.matchAll(pattern)].map(([, amount, unit = '']) => secondsOf(amount, index === 0 ? 'ms' : unit)),
  );
  const inWords = [...text.matchAll(IN_WORDS)].map(([, duration = '']) => durationOf(duration));
  const longest = Math.max(0, ...told, ...inWords);
  return longest > 0 ? Math.min(longest, LONGEST_RETRY_AFTER_SECONDS) : undefined;
}

/** `7m12.5s`: the parts that have a unit, or the one that has none, up to the first word that is no unit. */
function durationOf(text: string): number {
  let seconds = 0;
  for (const [, amount, unit = ''] of text.matchAll(EVERY_AMOUNT)) {
    if (seconds > 0 && !UNITS.has(unit.toLowerCase())) break;
    seconds += secondsOf(amount, unit);
  }
  return seconds;
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ...['ms', 'msec', 'msecs', 'millisecond', 'milliseconds'].map((unit) => [unit, 0.001] as const),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((unit) => [unit, 60] as const),
  ...['h', 'hour', 'hours'].map((unit) => [unit, 3600] as const),
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((unit) => [unit, 1] as const),
]);

const secondsOf = (amount: string | undefined, unit: string): number =>
  Number(amount) * (UNITS.get(unit.toLowerCase()) ?? 1);
