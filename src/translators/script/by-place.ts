/** What reads options; a script that has none of these knows its arguments by their place. */
const PARSERS =
  /^\s*(?:from|import)\s[^\n#]*\b(?:argparse|optparse|getopt|click|typer|fire|docopt|tyro|absl|plac|hydra|\w+argparse|simple_parsing)\b/m;
const ONE = /\bargv\s*\[\s*(\d+)\s*\]/g;
const SLICE = /^[ \t]*([\w, \t]+?)\s*=\s*(?:sys\.)?argv(?:\[\s*(\d+)\s*:\s*(\d*)\s*\])?[ \t]*(?:#.*)?$/gm;

/** How many arguments a Python script takes by their place, by its source; undefined where it does not show that. Pure. */
export function countByPlace(source: string): number | undefined {
  if (PARSERS.test(source)) return undefined;
  const single = Array.from(source.matchAll(ONE), ([, at]) => Number(at));
  // `_, src, dst = sys.argv` names the script, too.
  const unpacked = Array.from(source.matchAll(SLICE), ([, names = '', from = '0']) => {
    const count = names.split(',').filter((name) => name.trim() !== '').length;
    return count > 1 ? count + Number(from) - 1 : 0;
  });
  const most = Math.max(0, ...single, ...unpacked);
  return most === 0 ? undefined : most;
}
