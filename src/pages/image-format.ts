/** A kind of image that pages and outputs may be, known by its first bytes. */
export type ImageFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'bmp' | 'tiff' | 'avif' | 'jxl';

/** How many first bytes `formatOf` wants to see at most. */
const HEAD_BYTES = 64;

const FORMAT_OF_SUFFIX: ReadonlyMap<string, ImageFormat> = new Map([
  ['png', 'png'],
  ['jpg', 'jpeg'],
  ['jpeg', 'jpeg'],
  ['webp', 'webp'],
  ['bmp', 'bmp'],
  ['gif', 'gif'],
  ['tif', 'tiff'],
  ['tiff', 'tiff'],
  ['avif', 'avif'],
  ['jxl', 'jxl'],
  ['jfif', 'jpeg'],
]);

/** Suffixes that make a file a page, without the dot, in lower case. */
export const IMAGE_SUFFIXES: readonly string[] = [...FORMAT_OF_SUFFIX.keys()];

/** A name's suffix without the dot, in lower case; empty where it has none. */
export function suffixOf(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  return dot <= 0 ? '' : base.slice(dot + 1).toLowerCase();
}

/** True where the name ends like an image, in any case. */
export const hasImageSuffix = (name: string): boolean => FORMAT_OF_SUFFIX.has(suffixOf(name));

/** The format that a name promises; its content may differ. */
export const formatOfSuffix = (name: string): ImageFormat | undefined => FORMAT_OF_SUFFIX.get(suffixOf(name));

/** The format by the signature of a file's first bytes; undefined where it is no image that is known here. */
export function formatOf(head: Uint8Array): ImageFormat | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD_BYTES)).toString(
    'latin1',
  );
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('RIFF') && text.startsWith('WEBP', 8)) return 'webp';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (isTiff(text)) return 'tiff';
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL \r\n\x87\n')) return 'jxl';
  if (isAvif(text)) return 'avif';
  if (isBmp(text)) return 'bmp';
  return undefined;
}

const isTiff = (text: string): boolean =>
  ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].some((signature) => text.startsWith(signature));

/** The brand may stand among the compatible ones, behind a major brand that HEIF shares. */
function isAvif(text: string): boolean {
  if (!text.startsWith('ftyp', 4)) return false;
  const end = Math.min(text.length, text.charCodeAt(2) * 256 + text.charCodeAt(3));
  for (let at = 8; at + 4 <= end; at += 4) if (/^avi[fs]$/.test(text.slice(at, at + 4))) return true;
  return false;
}

/** `BM` alone begins many a text: the header's own size has to be one that exists. */
function isBmp(text: string): boolean {
  if (!text.startsWith('BM') || text.length < 18) return false;
  return [12, 16, 40, 52, 56, 64, 108, 124].includes(text.charCodeAt(14)) && text.startsWith('\0\0\0', 15);
}
