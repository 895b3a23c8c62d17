import { escapeControls } from '../model/escape-controls.ts';

/** The same for text whose line ends are meant. */
export const escapeLines = (text: string): string => text.split('\n').map(escapeControls).join('\n');

/** At most `length` characters; what is longer ends with how much is missing. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length)}… (${text.length - length} characters more)`;
}
