/** What an error says; anything else that was thrown as text. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const named = nameOf(error);
  return named === undefined
    ? error.message
    : error.message.replace(UNNAMED, `${named.code}: ${named.words}`);
}

/** The code of a failed system call (`ENOENT`); undefined for any other error. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && error.code !== undefined
    ? (nameOf(error)?.code ?? String(error.code))
    : undefined;

/** How Node words an error that its libuv has no name for. */
const UNNAMED = /^(?:Unknown system error -\d+|UNKNOWN): (?:Unknown system error -\d+|unknown error)/;

/** Errors of Linux that libuv has no name for: disk quotas, network disks and damaged ones have them. */
const NAMES: Readonly<Record<number, { readonly code: string; readonly words: string }>> = {
  70: { code: 'ECOMM', words: 'communication error on send' },
  76: { code: 'ENOTUNIQ', words: 'name not unique on network' },
  77: { code: 'EBADFD', words: 'file descriptor in bad state' },
  78: { code: 'EREMCHG', words: 'remote address changed' },
  112: { code: 'EHOSTDOWN', words: 'host is down' },
  116: { code: 'ESTALE', words: 'stale file handle' },
  117: { code: 'EUCLEAN', words: 'structure needs cleaning' },
  121: { code: 'EREMOTEIO', words: 'remote I/O error' },
  122: { code: 'EDQUOT', words: 'disk quota exceeded' },
  123: { code: 'ENOMEDIUM', words: 'no medium found' },
  126: { code: 'ENOKEY', words: 'required key not available' },
  127: { code: 'EKEYEXPIRED', words: 'key has expired' },
  128: { code: 'EKEYREVOKED', words: 'key has been revoked' },
  129: { code: 'EKEYREJECTED', words: 'key was rejected by service' },
};

function nameOf(error: Error & { readonly code?: unknown; readonly errno?: unknown }) {
  const isUnnamed = typeof error.code === 'string' && /^(?:Unknown system error|UNKNOWN$)/.test(error.code);
  return isUnnamed && process.platform === 'linux' ? NAMES[-Number(error.errno)] : undefined;
}
