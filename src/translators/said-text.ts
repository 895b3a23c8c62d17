/** What a line says after this many characters is a dump of something. */
const READ_CHARACTERS = 2000;
/** No exception has more lines; a message can be of any length. */
const READ_LINES = 200;

/** The lines of texts that may have several, each cut to a length that regular expressions read quickly. */
export const linesOf = (texts: readonly string[]): string[] =>
  texts
    .flatMap((text) => text.slice(0, READ_LINES * READ_CHARACTERS).split('\n', READ_LINES))
    .map((line) => line.slice(0, READ_CHARACTERS));

/** Quotation marks around what a page says or how a file is called; an apostrophe within a word is none. */
const QUOTED = [
  String.raw`(?<![\w\\])(["'\x60])(?:\\.|(?!\1)[^\\])*?\1(?!\w)`,
  '「[^「」]*」|『[^『』]*』|“[^“”]*”|‘[^‘’]*’|«[^«»]*»|《[^《》]*》',
  // A message that was cut in the middle of a quotation.
  String.raw`(?<=^|[\s([{:=,])["'\x60](?=\S).*$`,
].join('|');
const EVERY_QUOTED = new RegExp(QUOTED, 'g');

/** A line without the texts that it quotes. */
export const withoutQuotes = (line: string): string => line.replace(EVERY_QUOTED, ' … ');

/** Addresses, paths, and names of images. Not `HTTP/1.1`. */
const EVERY_PATH =
  /\b[a-z][a-z\d+.-]{1,20}:\/\/\S+|(?<!\S)(?!["'([{]*HTTPS?\/\d)\S*[/\\]\S*|(?<!\S)\S+\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)\b/gi;

/**
 * A line without addresses, paths and names of images, as far as they have no spaces. An image is still seen to be one: what
 * stands before it may be the rest of its name.
 */
export const withoutPaths = (line: string): string =>
  line.replace(EVERY_PATH, (found) => (/[/\\]/.test(found) ? ' … ' : 'name.png'));
