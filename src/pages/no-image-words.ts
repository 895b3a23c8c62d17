import { foreignKindOf } from './foreign-content.ts';
import { suffixOf } from './image-format.ts';

/** Why a file is no page, of which these are the first bytes: what it is, and what to do about it. */
export function whyNoPage(head: Buffer, name: string): string {
  const kind = foreignKindOf(head);
  if (kind === undefined) return `not an image: starts with ${firstBytes(head)}`;
  const suffix = suffixOf(name);
  const under = suffix === '' ? '' : ` under a .${suffix} name`;
  return `it is ${kind.name}${under}${kind.way === undefined ? '' : `: ${kind.way}`}`;
}

/** Why a file is no output whose name promises an image, of which these are the first bytes. */
export function whyNoOutput(head: Buffer): string {
  const kind = foreignKindOf(head);
  return `it is ${kind === undefined ? '' : `${kind.name}, `}not an image: it starts with ${firstBytes(head)}`;
}

const SHOWN_BYTES = 12;

/** As text where it is some, otherwise in hexadecimal. */
function firstBytes(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, SHOWN_BYTES);
  if (/^[\x20-\x7e\r\n\t]+$/.test(text)) return JSON.stringify(text);
  return bytes.toString('hex', 0, SHOWN_BYTES).match(/../g)?.join(' ') ?? 'nothing';
}
