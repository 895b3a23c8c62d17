import path from 'node:path';

/** What scripts are called; `python3 -u tr.py` is tr.py to whoever wrote it. */
const SCRIPT = /\.(?:pyw?|pyz|sh|bash|[cm]?[jt]s|rb|pl|lua|jl|r|php)$/i;
const PYTHON = /^(?:python|pypy)[\d.]*$/;

/** What to call the program of a command: its script, or module, by itself, whatever starts that; else its first word. Pure. */
export function programName(words: readonly string[]): string {
  const names = words.map((word) => (/\{/.test(word) ? '' : path.basename(word)));
  const script = names.findIndex((name) => SCRIPT.test(name));
  const module = names.findIndex((name, at) => name === '-m' && names.slice(0, at).some(isPython)) + 1;
  const isModule = module > 0 && (script === -1 || module < script);
  return (isModule ? names[module] : names[script]) || path.basename(words[0] ?? '');
}

/** The Python file among the words of a command, as it is given there; undefined where there is none. Pure. */
export const pythonScriptIn = (words: readonly string[]): string | undefined =>
  words.find((word) => !word.includes('{') && /\.pyw?$/.test(word));

const isPython = (name: string): boolean => PYTHON.test(name);
