/** argparse: `tr.py: error: …`, of a subcommand `tr.py run: error: …`. */
const BY_PROGRAM = /^(\S+)(?: \S+){0,3}: error: /i;
const USAGE = /^\s*usage: (\S+)/i;
/** What Python calls the module that it was started with. */
const MAIN = /^(?:__main__(?:\.py)?|(?:python|pypy)[\d.]*)$/;
/** What may follow a complaint about arguments: how the program is meant to be used. */
const HELP =
  /^(?:\s|-|usage\b|try\b|see\b|for (?:more|help)\b|(?:optional |positional )?(?:arguments|options|commands):|[╭╰│─]|$)/i;

/**
 * True where a program ended with a complaint of its arguments, and it is the one whose arguments these are: no tool that it starts
 * for a page, and no warning before something else went wrong. Pure.
 * @param words of its command line
 * @param source of the script, where it is a file that can be read
 */
export function isUsageError(
  lines: readonly string[],
  { words, source = '' }: { readonly words: readonly string[]; readonly source?: string | undefined },
  isComplaint: (line: string) => boolean,
): boolean {
  const at = lines.findLastIndex(isComplaint);
  if (at === -1 || !lines.slice(at + 1).every((line) => HELP.test(line))) return false;
  const line = lines[at] ?? '';
  const usage = lines.slice(0, at + 1).findLast((before) => USAGE.test(before));
  const program = BY_PROGRAM.exec(line)?.[1] ?? USAGE.exec(usage ?? '')?.[1];
  if (program === undefined || MAIN.test(program)) return true;
  const names = new Set(words.flatMap((word) => word.split(/[/.]/)));
  return names.has(stem(program)) || isNamedIn(source, program);
}

const stem = (program: string): string => program.slice(program.lastIndexOf('/') + 1).replace(/\..*$/, '');

/** `ArgumentParser(prog='manga-tr')`. */
const isNamedIn = (source: string, program: string): boolean =>
  Array.from(source.matchAll(/\bprog(?:_name)?\s*=\s*["']([^"']+)["']/g), ([, name]) => name).includes(
    program,
  );
