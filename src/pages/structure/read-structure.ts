import type { StructureReader } from '../byte-reads.ts';
import type { ImageFormat } from '../image-format.ts';
import { readAvif } from './avif.ts';
import { readBmp } from './bmp.ts';
import { readGif } from './gif.ts';
import type { ImageReader, ImageStructure, Wanted } from './image-structure.ts';
import { readJpeg } from './jpeg.ts';
import { readJxl } from './jxl.ts';
import { readPng } from './png.ts';
import { readTiff } from './tiff.ts';
import { readWebp } from './webp.ts';

const READERS: Readonly<Record<ImageFormat, ImageReader>> = {
  png: readPng,
  jpeg: readJpeg,
  gif: readGif,
  webp: readWebp,
  bmp: readBmp,
  tiff: readTiff,
  avif: readAvif,
  jxl: readJxl,
};

/** Reads the structure of a file whose first bytes told its format. What it takes of time grows with the file, whatever is in it. */
export const readStructure = (
  format: ImageFormat,
  fileBytes: number,
  wanted: Wanted,
): StructureReader<ImageStructure> => READERS[format](fileBytes, wanted);
