const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

// C0, DEL and C1; line and paragraph separators; marks, embeddings, overrides and isolates of the bidi algorithm.
const TROUBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text that can't move the cursor, ring, break the line or turn its direction: such characters stand as `\n`, `\x1b`, `\u202e`. */
export function escapeControls(text: string): string {
  return text.replace(TROUBLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return (
      SHORT[character] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`)
    );
  });
}
