import { isSecretName, REDACTED } from './secret-names.ts';
import { isTokenShape, TOKEN_SHAPES } from './token-shapes.ts';

/** Is given each secret that was found, and gives what is to stand there. */
type Take = (secret: string) => string;

/** What any secret's shape has, in lower case: most lines have none of it and cost one look. */
const HINTS =
  /key|token|secret|passw|passphrase|passcode|auth|credential|bearer|basic[ \t]|:\/\/|sk-|aiza|hf_|:fx|gsk_|xai-|glpat-|nvapi-|pplx-|r8_|github_pat_|gh[pousr]_|xox|akia|asia|eyj|pwd|cookie|[?&]\w{0,20}sig|-u(?:ser)?[ \t=\\"']/;

const LOGIN_IN_URL = /:\/\/[^\s/@:]{1,256}:[^\s/]{1,1024}@/g;
/** A user's name alone is a token, in many an API; over SSH it is a name. */
const TOKEN_IN_URL = /(https?:\/\/)(?!git@|\[)[^\s/@:?#"'<>\\]{1,256}@/gi;
/** Whoever knows the path of such an address can write to the channel. */
const WEBHOOK =
  /(https?:\/\/(?:hooks\.slack(?:-gov)?\.com\/(?:services|triggers|workflows)\/|(?:[\w-]{1,63}\.)?discord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/|[\w-]{1,63}\.webhook\.office\.com\/|api\.telegram\.org\/(?:file\/)?bot))([^\s"'<>?#\\]+)/gi;
const KEY_IN_URL =
  /([?&#;][\w-]{0,40}(?:key|token|secret|password|pwd|auth|sig|signature|credential)=)([^&\s"'\\]+)/gi;
const COOKIES =
  /(cookie\\*["']?[ \t]{0,8}[:=][ \t]{0,8}[bru]?\\*["']?)([\w.-]{1,64}=[^\s;"'\\]+(?:;[ \t]{0,8}[\w.-]{1,64}(?:=[^\s;"'\\]*)?)*)/gi;

/** In text that anybody writes a name has to end like a secret's: `cache key: 5`, `KeyError: 'x'` and `tokens: 12` are none. */
const NAMES_IN_TEXT = [
  'pass(?:word|wd|phrase|code)',
  'pwd',
  'secret(?:str|bytes)?',
  'token',
  'bearer',
  'credentials?',
  'auth(?:orization)?',
  '(?:api|access|secret|auth|private|account|subscription|license|master|app)[ _-]?key',
  '(?<!(?:cache|dict|foreign|group|hash|hot|index|missing|primary|sort|state|unexpected)[_-]?)(?<=[A-Za-z0-9][_-])key',
].join('|');
/** Python writes `b'…'`, too. */
const QUOTE = String.raw`(?:[bfruBFRU]{1,2}(?=["']))?\\*["']`;
/** `SecretStr('…')`, `Token(value='…')`; but not `Token('NAME', 'x')`, as parsers have them. */
const CALLED = String.raw`(?:(?<=[Ss]ecret(?:Str|Bytes)?|[Pp]assword|[Aa][Pp][Ii][_-]?[Kk]ey)\(|\(_?(?:secret_)?(?:value|key)=)(?=${QUOTE})`;
const ASSIGNED = String.raw`(?:[_-]?\d{1,4})?(?:[ \t]provided)?(?:\\*["']|%22)?[ \t]{0,8}(?:=>|:=|[:=]|%3[aAdD])[ \t]{0,8}`;
const BEFORE_VALUE = `(?:${CALLED}|${ASSIGNED})`;
const NAMED_IN_TEXT = new RegExp(`(${NAMES_IN_TEXT})${BEFORE_VALUE}`, 'gi');
const NAMED_ANYHOW = new RegExp(`(?<![\\w.-])([\\w.-]{1,64})${BEFORE_VALUE}`, 'g');
const VARIABLE = /(?<!\w)([A-Z][A-Z0-9_]{2,60})=/g;
/** Its value follows a space, or is the next item in a list of quoted ones. */
const FLAG_IN_TEXT = new RegExp(
  String.raw`(?<![^\s"'\`([])(--?[A-Za-z][\w-]{0,60})(?:[ \t]{1,8}(?![-=[<{|])|\\*["'],?\s{0,8}(?=${QUOTE}[^-"']))`,
  'g',
);
const LOGIN_IN_TEXT = new RegExp(
  String.raw`(?<![^\s"'\`([])(?:-[uU]|--(?:proxy-)?user)(?:[ \t]{1,8}|=|\\*["'],?\s{0,8})(?:${QUOTE})?([^\s:/"'\\]{1,128}):(?!//)`,
  'g',
);
const ENDS_LIKE_A_SECRET = new RegExp(`(?:${NAMES_IN_TEXT})$`, 'i');

const HEADER = /^([\w-]{1,64}):[ \t]+(?=\S)/;
const SCHEME = /(?:Bearer|Basic|Token|Digest|Negotiate|ApiKey|DeepL-Auth-Key)[ \t]{1,8}/iy;
const BEHIND_SCHEME = /\b(Bearer|Basic)([ \t]{1,8})([A-Za-z0-9._~+/=-]{6,})/gi;
const CALL = new RegExp(String.raw`[A-Za-z_][\w.]{0,60}\((?:[A-Za-z_]\w{0,40}=)?(?=${QUOTE})`, 'y');
const OPENING_QUOTE = /(?:[bfruBFRU]{1,2}(?=["']))?(\\*)(["'])/y;
const UNQUOTED = /[^\s"'`&\\<>[{(][^\s"'`&\\<>]*/y;
const ENDS_SENTENCE = /[,;:.!?)}\]]/;

/** What follows a secret's name where people write of secrets. */
const PLAIN_WORDS = new Set(
  `a an and are auth authentication authorization auto basic bearer bool can't cannot changed check could credentials default
  denied disabled empty enabled error expired failed failure false for found from given header in incorrect int invalid is
  loaded missing must name nil no none not null of off ok on optional or please provided rejected required revoked scheme see
  set str string success the to token tokens true type unauthorized undefined unknown unset unsupported used using valid value
  verified was were with wrong yes`.split(/\s+/),
);
const NUMBER = /^[-+]?\d[\d.,_]{0,10}[kKmM%]?$/;
const REFERENCE = /^\$\{?\w+\}?$|^\{\w+\}$|^\*+$/;
const FOLDER = /^(?:[~.]?\/|[A-Za-z]:\\|[~.]$)/;
const SHORTEST_UNQUOTED = 4;

/** The text without what looks like a secret to somebody who knows none: by its name, its scheme or its own form. Linear. */
export const withoutShapes = (text: string): string => replaceIn(text, NAMED_IN_TEXT, () => REDACTED);

/** As `withoutShapes`, for an argument or option: there any name that speaks of a secret counts, and any length. */
export function withoutShapesInWord(word: string): string {
  const at = headerValueAt(word);
  return at === undefined ? replaceIn(word, NAMED_ANYHOW, () => REDACTED) : word.slice(0, at) + REDACTED;
}

/** The secrets that an argument holds: `Authorization: Bearer X`, `{"api_key":"X"}`. */
export function secretsInWord(word: string): string[] {
  const at = headerValueAt(word);
  const found = at === undefined ? [] : [word.slice(at)];
  replaceIn(word, NAMED_ANYHOW, (secret) => {
    SCHEME.lastIndex = 0;
    found.push(secret, ...(SCHEME.test(secret) ? [secret.slice(SCHEME.lastIndex)] : []));
    return REDACTED;
  });
  return found;
}

/** Where the value of a header begins, behind its scheme: it goes to the end, with spaces in it. */
function headerValueAt(word: string): number | undefined {
  const [head = '', name = ''] = HEADER.exec(word) ?? [];
  if (!isSecretName(name) || isTitle(name, head)) return undefined;
  SCHEME.lastIndex = head.length;
  return SCHEME.test(word) ? SCHEME.lastIndex : head.length;
}

/** `Key: The Metal Idol` is the name of a folder. */
const isTitle = (name: string, head: string): boolean => /^key$/i.test(name) && /:\s+$/.test(head);

function replaceIn(text: string, named: RegExp, take: Take): string {
  if (!HINTS.test(text.toLowerCase())) return text;
  let clean = text;
  if (clean.includes('://')) {
    clean = clean.replace(LOGIN_IN_URL, () => `://${REDACTED}@`);
    clean = clean.replace(TOKEN_IN_URL, (_all, before: string) => `${before}${REDACTED}@`);
    clean = clean.replace(WEBHOOK, (_all, before: string, path: string) => before + take(path));
  }
  // Errors of HTTP libraries have the path alone.
  if (/[?&]|:\/\//.test(clean)) {
    clean = clean.replace(KEY_IN_URL, (_all, before: string, key: string) => before + take(key));
  }
  clean = clean.replace(
    COOKIES,
    (_all, before: string, cookies: string) =>
      before + cookies.replace(/=([^;]+)/g, (_cookie, value: string) => `=${take(value)}`),
  );
  const anyName = named === NAMED_ANYHOW;
  const isTaken = (name: string, all: string): boolean =>
    !anyName || ((isSecretName(name) || ENDS_LIKE_A_SECRET.test(name)) && !isTitle(name, all));
  clean = replaceValues(clean, { before: named, isTaken, anyName, take });
  clean = replaceValues(clean, { before: VARIABLE, isTaken: isSecretName, anyName, take });
  clean = replaceValues(clean, {
    before: FLAG_IN_TEXT,
    isTaken: (flag) => ENDS_LIKE_A_SECRET.test(flag),
    anyName,
    take,
  });
  clean = replaceValues(clean, { before: LOGIN_IN_TEXT, isTaken: () => true, anyName, take });
  clean = clean.replace(BEHIND_SCHEME, (all: string, scheme: string, gap: string, run: string) => {
    const value = withoutEndOfSentence(run);
    return isBehindScheme(scheme, value) ? scheme + gap + take(value) + run.slice(value.length) : all;
  });
  return clean.replace(TOKEN_SHAPES, (token: string, ...rest: (string | number)[]) => {
    const [at, whole] = rest.slice(-2) as [number, string];
    return isTokenShape(token, whole.slice(at + token.length, at + token.length + 16)) ? take(token) : token;
  });
}

interface Naming {
  /** Matches a name, its first group, and all that stands before its value. */
  readonly before: RegExp;
  readonly isTaken: (name: string, all: string) => boolean;
  readonly anyName: boolean;
  readonly take: Take;
}

/** Each value is looked at once and gone past, so that no text is read twice. */
function replaceValues(text: string, { before, isTaken, anyName, take }: Naming): string {
  let clean = '';
  let done = 0;
  before.lastIndex = 0;
  for (let found = before.exec(text); found; found = before.exec(text)) {
    const [all, name = ''] = found;
    if (!isTaken(name, all)) continue;
    const value = valueAt(text, found.index + all.length);
    if (value === undefined || !isSecret(text.slice(value.from, value.to), { ...value, name, anyName }))
      continue;
    clean += text.slice(done, value.from) + take(text.slice(value.from, value.to));
    done = value.to;
    before.lastIndex = value.to;
  }
  return done === 0 ? text : clean + text.slice(done);
}

interface Value {
  readonly from: number;
  readonly to: number;
  readonly quoted: boolean;
}

/** The value at a place: in quotes to their end (or that of a text that was cut), else to the next space. */
function valueAt(text: string, start: number): Value | undefined {
  CALL.lastIndex = start;
  const at = CALL.test(text) ? CALL.lastIndex : start;
  OPENING_QUOTE.lastIndex = at;
  const [open = '', slashes = '', quote = ''] = OPENING_QUOTE.exec(text) ?? [];
  if (open !== '') {
    const from = at + open.length;
    return { from, to: closingQuote(text, { from, quote, slashes: slashes.length }), quoted: true };
  }
  SCHEME.lastIndex = at;
  const from = SCHEME.test(text) ? SCHEME.lastIndex : at;
  UNQUOTED.lastIndex = from;
  const run = withoutEndOfSentence(UNQUOTED.exec(text)?.[0] ?? '');
  return run === '' ? undefined : { from, to: from + run.length, quoted: false };
}

/** Not by a regular expression that ends in `$`: it would try anew at each mark within the value. */
function withoutEndOfSentence(run: string): string {
  let end = run.length;
  while (end > 0 && ENDS_SENTENCE.test(run[end - 1] ?? '')) end -= 1;
  return run.slice(0, end);
}

/** A quote inside the value has more backslashes before it than the one that opened the value. */
function closingQuote(
  text: string,
  { from, quote, slashes }: { from: number; quote: string; slashes: number },
): number {
  for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 1)) {
    let before = at;
    while (before > from && text[before - 1] === '\\') before -= 1;
    if (at - before <= slashes) return before;
  }
  return text.length;
}

function isSecret(
  value: string,
  { quoted, name, anyName }: { quoted: boolean; name: string; anyName: boolean },
): boolean {
  if (value === '' || value.startsWith(REDACTED.slice(0, -1)) || REFERENCE.test(value)) return false;
  if (value === name || (/pwd$/i.test(name) && FOLDER.test(value))) return false;
  if (quoted) return !PLAIN_WORDS.has(value.toLowerCase()) || anyName;
  if (!anyName && value.length < SHORTEST_UNQUOTED) return false;
  if (NUMBER.test(value) && !/pass|secret/i.test(name)) return false;
  // `--api-key API_KEY`, in a usage line.
  if (/^[A-Z_]+$/.test(value) && isSecretName(value)) return false;
  return !PLAIN_WORDS.has(value.toLowerCase());
}

/** `Basic settings` and `Bearer authentication` are words. */
function isBehindScheme(scheme: string, value: string): boolean {
  if (PLAIN_WORDS.has(value.toLowerCase())) return false;
  return scheme.toLowerCase() === 'bearer' || !/^[A-Za-z]?[a-z./-]*$/.test(value);
}
