/** What a file is that is no image known here. */
export interface ForeignKind {
  /** With its article: `a HEIC photo`. */
  readonly name: string;
  /** What to do to get a page from it: `convert it (heif-convert IN OUT.png)`. */
  readonly way?: string;
}

interface Signature extends ForeignKind {
  readonly at?: number;
  readonly bytes: string;
}

const UNPACK = 'unpack it';
const AGAIN = 'download the file again';

/** The first that fits counts. Bytes are Latin-1. */
const SIGNATURES: readonly Signature[] = [
  {
    bytes: '\0\0\0\x0cjP  \r\n\x87\n',
    name: 'a JPEG 2000 image',
    way: 'convert it (opj_decompress -i IN -o OUT.png)',
  },
  { bytes: '\xffO\xffQ', name: 'a JPEG 2000 image', way: 'convert it (opj_decompress -i IN -o OUT.png)' },
  { bytes: 'II\xbc', name: 'a JPEG XR image', way: 'convert it (JxrDecApp -i IN -o OUT.bmp)' },
  { bytes: '8BPS', name: 'a Photoshop document (PSD)', way: "convert it (magick 'IN[0]' OUT.png)" },
  { bytes: 'gimp xcf', name: 'a GIMP document (XCF)', way: 'export it as PNG' },
  { bytes: '\0\0\x01\0', name: 'an icon (ICO)', way: 'convert it (magick IN OUT.png)' },
  { bytes: '\0\0\x02\0\x01', name: 'a cursor (CUR)', way: 'convert it (magick IN OUT.png)' },
  { bytes: '\x8aMNG', name: 'an MNG animation' },
  { bytes: 'qoif', name: 'a QOI image', way: 'convert it (magick IN OUT.png)' },
  { bytes: 'DDS ', name: 'a DDS texture', way: 'convert it (magick IN OUT.png)' },
  { bytes: 'v/1\x01', name: 'an OpenEXR image', way: 'convert it (magick IN OUT.png)' },
  { bytes: '%PDF-', name: 'a PDF document', way: 'extract its pages (pdfimages -all IN PREFIX)' },
  { bytes: 'PK\x03\x04', name: 'a zip archive (such as .cbz or .epub)', way: `${UNPACK} (unzip IN)` },
  { bytes: 'PK\x05\x06', name: 'an empty zip archive' },
  { bytes: 'Rar!\x1a\x07', name: 'a RAR archive (such as .cbr)', way: `${UNPACK} (unar IN)` },
  { bytes: '7z\xbc\xaf\x27\x1c', name: 'a 7z archive', way: `${UNPACK} (7z x IN)` },
  { bytes: '\x1f\x8b', name: 'a gzip file', way: `${UNPACK} (gunzip -c IN > OUT)` },
  { bytes: '\xfd7zXZ\0', name: 'an xz file', way: `${UNPACK} (xz -dc IN > OUT)` },
  { bytes: '\x28\xb5\x2f\xfd', name: 'a zstd file', way: `${UNPACK} (zstd -dc IN > OUT)` },
  { bytes: 'BZh', name: 'a bzip2 file', way: `${UNPACK} (bunzip2 -c IN > OUT)` },
  { at: 257, bytes: 'ustar', name: 'a tar archive', way: `${UNPACK} (tar -xf IN)` },
  { bytes: '\x1aE\xdf\xa3', name: 'a Matroska or WebM video' },
  { bytes: 'OggS', name: 'an Ogg file' },
  { bytes: '\0\x05\x16\x07', name: 'a macOS metadata file (AppleDouble)', way: 'leave it out: --exclude' },
  { bytes: '\x7fELF', name: 'a program' },
  { bytes: 'MZ', name: 'a Windows program' },
  { bytes: '\x89PNG\n\x1a\n', name: 'a PNG damaged by a transfer in text mode', way: AGAIN },
  { bytes: '\xef\xbf\xbdPNG', name: 'a PNG damaged by a transfer in text mode', way: AGAIN },
  { bytes: '\xc2\x89PNG', name: 'a PNG damaged by a transfer in text mode', way: AGAIN },
  {
    bytes: '\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd',
    name: 'a file damaged by a transfer in text mode',
    way: AGAIN,
  },
];

/** By the brands of an ISO media file; the first that fits counts. */
const BRANDS: readonly (ForeignKind & { readonly brand: RegExp })[] = [
  { brand: /^(hei[cxms]|hev[cxms])$/, name: 'a HEIC photo', way: 'convert it (heif-convert IN OUT.png)' },
  { brand: /^(mif1|msf1|mif2)$/, name: 'a HEIF image', way: 'convert it (heif-convert IN OUT.png)' },
  { brand: /^crx $/, name: 'a Canon raw photo (CR3)', way: 'convert it (darktable-cli IN OUT.png)' },
  {
    brand: /^(jp2 |jpx |jpm )$/,
    name: 'a JPEG 2000 image',
    way: 'convert it (opj_decompress -i IN -o OUT.png)',
  },
  { brand: /./s, name: 'an MP4 or QuickTime video' },
];

/** What text files begin with, apart from spaces. */
const TEXTS: readonly (ForeignKind & { readonly begins: RegExp })[] = [
  {
    begins: /^version https:\/\/git-lfs\.github\.com\//,
    name: 'a git-lfs pointer',
    way: 'fetch the images (git lfs pull)',
  },
  {
    begins: /^(\.\.\/)*(\.git\/annex\/objects\/|\/annex\/objects\/)/,
    name: 'a git-annex pointer',
    way: 'fetch the images (git annex get .)',
  },
  {
    begins: /^(<!--[^>]*-->\s*)?<(!doctype html|html|head|body|title|script|meta)\b/i,
    name: 'an HTML page',
    way: AGAIN,
  },
  {
    begins: /^(<\?xml[^>]*>\s*)?(<!--[^>]*-->\s*)?(<!doctype svg[^>]*>\s*)?<svg\b/i,
    name: 'an SVG drawing',
    way: 'convert it (rsvg-convert -o OUT.png IN)',
  },
  { begins: /^<\?xml\b/, name: 'an XML file' },
  {
    begins: /^data:image\//,
    name: 'an image as text (a data: URI)',
    way: 'decode the part after the comma (base64 -d)',
  },
];

/** What a file is, of which these are the first bytes; undefined where nothing tells. For files that `formatOf` does not know. */
export function foreignKindOf(head: Buffer): ForeignKind | undefined {
  const latin1 = head.toString('latin1');
  if (/^\0+$/.test(latin1))
    return { name: 'a file of zero bytes only', way: `${AGAIN} (its content is lost)` };
  if (latin1.startsWith('ftyp', 4)) return kindOfBrands(latin1);
  if (latin1.startsWith('RIFF'))
    return { name: latin1.startsWith('AVI ', 8) ? 'an AVI video' : 'a RIFF file' };
  return SIGNATURES.find(({ bytes, at = 0 }) => latin1.startsWith(bytes, at)) ?? kindOfText(head, latin1);
}

function kindOfBrands(latin1: string): ForeignKind | undefined {
  const end = Math.min(latin1.length, latin1.charCodeAt(2) * 256 + latin1.charCodeAt(3), 128);
  const brands = [latin1.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(latin1.slice(at, at + 4));
  return BRANDS.find(({ brand }) => brands.some((one) => brand.test(one)));
}

/** Text has no control characters but those of its lines. */
function kindOfText(head: Buffer, latin1: string): ForeignKind | undefined {
  if (/^(\xff\xfe|\xfe\xff)/.test(latin1)) return { name: 'text in UTF-16' };
  const text = latin1.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (text === '' || head.some(isControl)) return undefined;
  return TEXTS.find(({ begins }) => begins.test(text));
}

/** Spaces, line ends and escapes are found in texts. */
const isControl = (byte: number): boolean => byte < 9 || (byte > 13 && byte < 32 && byte !== 27);
