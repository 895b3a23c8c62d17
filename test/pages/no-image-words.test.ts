import { expect, test } from 'vitest';
import { whyNoOutput, whyNoPage } from '../../src/pages/no-image-words.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

test.each([
  [
    '\0\0\0\x18ftypheic\0\0\0\0mif1heic',
    'it is a HEIC photo under a .jpg name: convert it (heif-convert IN OUT.png)',
  ],
  [
    '\0\0\0\x18ftypmif1\0\0\0\0mif1heic',
    'it is a HEIC photo under a .jpg name: convert it (heif-convert IN OUT.png)',
  ],
  ['\0\0\0\x14ftypmif1\0\0\0\0mif1', /HEIF image.*heif-convert/],
  ['\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'it is an MP4 or QuickTime video under a .jpg name'],
  ['\0\0\0\x14ftypqt  \0\0\0\0qt  ', /QuickTime/],
  ['\0\0\0\x0cjP  \r\n\x87\n', /JPEG 2000.*opj_decompress/],
  ['\xffO\xffQ\0/', /JPEG 2000/],
  ['II\xbc\x01\x08\0\0\0', /JPEG XR/],
  ['8BPS\0\x01', /Photoshop document \(PSD\).*convert it/],
  ['\0\0\x01\0\x01\0', /icon \(ICO\)/],
  ['PK\x03\x04\x14\0', /zip archive \(such as \.cbz or \.epub\) under a \.jpg name: unpack it \(unzip IN\)/],
  ['Rar!\x1a\x07\x01\0', /RAR archive \(such as \.cbr\)/],
  ['7z\xbc\xaf\x27\x1c', /7z archive/],
  ['\x1f\x8b\x08', /gzip file/],
  ['%PDF-1.7\n', /PDF document.*pdfimages/],
  ['<svg xmlns="http://www.w3.org/2000/svg">', /SVG drawing.*rsvg-convert/],
  ['<?xml version="1.0"?>\n<!-- made by x -->\n<svg>', /SVG drawing/],
  ['<!DOCTYPE html>', /HTML page under a \.jpg name: download the file again/],
  ['\xef\xbb\xbf\n <HTML><head>', /HTML page/],
  [
    'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
    /git-lfs pointer.*git lfs pull/,
  ],
  ['/annex/objects/SHA256E-s1--ab.jpg\n', /git-annex pointer.*git annex get/],
  ['\0'.repeat(4096), /zero bytes only.*download the file again/],
  ['\x89PNG\n\x1a\n\0\0', /PNG damaged by a transfer in text mode/],
  ['RIFF\0\0\0\0WAVE', /RIFF file/],
  ['{"detail": "Not found"}', 'not an image: starts with "{\\"detail\\": \\""'],
  ['Access denied.\r\n', 'not an image: starts with "Access denie"'],
  ['\x01\x02\x03', 'not an image: starts with 01 02 03'],
])('%j is named', (head, words) => {
  const said = whyNoPage(latin1(head), 'ch1/001.JPG');
  if (typeof words === 'string') expect(said).toBe(words);
  else expect(said).toMatch(words);
});

test('an output is told what it is and what it begins with', () => {
  expect(whyNoOutput(latin1('<!DOCTYPE html><p>'))).toBe(
    'it is an HTML page, not an image: it starts with "<!DOCTYPE ht"',
  );
  expect(whyNoOutput(latin1('\x01\x02'))).toBe('it is not an image: it starts with 01 02');
});
