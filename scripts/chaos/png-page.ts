import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const END = chunk('IEND', Buffer.alloc(0));

/** A small whole PNG that no other text gives; `padding` bytes longer than it has to be. */
export function pagePng(identity: string, padding = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(8, 0);
  header.writeUInt32BE(8, 4);
  header[8] = 8;
  const grey = Buffer.alloc(9 * 8, crc32(identity) & 0xff);
  for (let row = 0; row < 8; row += 1) grey[row * 9] = 0;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`page\0${identity}`)),
    chunk('paDd', Buffer.alloc(padding, identity)),
    chunk('IDAT', deflateSync(grey)),
    END,
  ]);
}

/** What the translator of these runs makes of a page, byte by byte: so its output shows which page it is from. */
export function translationOf(page: Buffer): Buffer {
  const mark = chunk('tEXt', Buffer.from(`translated\0${crc32(page).toString(16).padStart(8, '0')}`));
  return Buffer.concat([page.subarray(0, -END.length), mark, END]);
}

function chunk(type: string, content: Buffer): Buffer {
  const framed = Buffer.alloc(12 + content.length);
  framed.writeUInt32BE(content.length, 0);
  framed.write(type, 4, 'latin1');
  content.copy(framed, 8);
  framed.writeUInt32BE(crc32(framed.subarray(4, 8 + content.length)), 8 + content.length);
  return framed;
}
