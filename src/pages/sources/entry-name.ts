import iconv from 'iconv-lite';

/** A name as it is stored in an archive. */
export interface StoredName {
  readonly raw: Buffer;
  /** What an extra field says in UTF-8, where it belongs to this name. */
  readonly unicode?: Buffer | undefined;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The name as text, `/` between its parts: by its extra field, else UTF-8 where that is valid, else Shift-JIS where that is,
 * else CP437, in which everything is.
 */
export function decodeName({ raw, unicode }: StoredName): string {
  const text = (unicode && utf8(unicode)) ?? utf8(raw) ?? shiftJis(raw) ?? iconv.decode(raw, 'cp437');
  // Programs on Windows that don't keep to the format. After decoding: in Shift-JIS it is the second half of letters.
  return text.replaceAll('\\', '/');
}

function utf8(bytes: Buffer): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Windows' variant. Only what comes out again as it went in was written so. */
function shiftJis(bytes: Buffer): string | undefined {
  const text = iconv.decode(bytes, 'cp932');
  return !text.includes('\ufffd') && iconv.encode(text, 'cp932').equals(bytes) ? text : undefined;
}

/** Why nothing may be written under a name from an archive; undefined where it is a path inside a folder. */
export function whyUnsafe(name: string): string | undefined {
  if (name === '') return 'it has no name';
  if (name.includes('\0')) return 'its name contains NUL';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'its name is an absolute path';
  const parts = name.replace(/\/$/, '').split('/');
  if (parts.includes('..')) return 'its name leads out of the archive';
  if (parts.some((part) => part === '' || part === '.')) return 'its name is not a plain path';
  return undefined;
}
