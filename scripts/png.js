import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_TYPES = { 1: 0, 3: 2 };

/** @typedef {{ width: number, height: number, channels: 1 | 3, pixels: Uint8Array }} Image */

/** A whole PNG file of 8-bit pixels, row by row: one byte a pixel is grey, three are RGB. @param {Image} image */
export function encodePng({ width, height, channels, pixels }) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, COLOUR_TYPES[channels], 0, 0, 0], 8);
  const rowBytes = width * channels;
  const rows = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y += 1) {
    rows.set(pixels.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

/** @param {string} type @param {Buffer} body */
function chunk(type, body) {
  const name = Buffer.from(type, 'latin1');
  const framed = Buffer.alloc(8 + body.length + 4);
  framed.writeUInt32BE(body.length, 0);
  name.copy(framed, 4);
  body.copy(framed, 8);
  framed.writeUInt32BE(crc32(Buffer.concat([name, body])), 8 + body.length);
  return framed;
}
