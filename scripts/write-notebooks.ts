// Writes examples/*.ipynb from the scripts beside them: tsx scripts/write-notebooks.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What tells Kaggle and Colab which machine the notebook wants. */
const MACHINES = {
  kaggle: {
    kaggle: {
      accelerator: 'nvidiaTeslaT4',
      dataSources: [],
      isGpuEnabled: true,
      isInternetEnabled: false,
      language: 'python',
      sourceType: 'notebook',
    },
  },
  colab: { accelerator: 'GPU', colab: { gpuType: 'T4', provenance: [] } },
};

export type NotebookName = keyof typeof MACHINES;
export const NOTEBOOKS: readonly NotebookName[] = ['kaggle', 'colab'];

/** One cell as nbformat 4.5 has it; `source` is its lines with their line ends. */
type Cell = { readonly id: string; readonly metadata: object; readonly source: readonly string[] } & (
  | { readonly cell_type: 'markdown' }
  | { readonly cell_type: 'code'; readonly execution_count: null; readonly outputs: readonly [] }
);

/** The path of a notebook, or of the script it is made from. */
export const examplePath = (name: NotebookName, suffix: 'ipynb' | 'sh'): string =>
  fileURLToPath(new URL(`../examples/${name}.${suffix}`, import.meta.url));

/**
 * The notebook of a script, as JSON. What stands before the first `# %%` is for the script alone. Throws where a cell is not of
 * its kind: text that is not a comment, a setting that is not `export NAME="${NAME:-value}"  # why`.
 */
export function notebookFrom(script: string, name: NotebookName): string {
  const [, ...blocks] = script.split(/^# %%/m);
  const notebook = {
    cells: blocks.map(cellFrom),
    metadata: {
      ...MACHINES[name],
      kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' },
      language_info: { name: 'python' },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

function cellFrom(block: string, index: number): Cell {
  const [kind = '', ...lines] = block.trimEnd().split('\n');
  const common = { id: `cell-${index + 1}`, metadata: {} };
  const code = { ...common, cell_type: 'code', execution_count: null, outputs: [] } as const;
  switch (kind.trim()) {
    case '[markdown]':
      return { ...common, cell_type: 'markdown', source: linesOf(lines.map(uncommented)) };
    case '[python]':
      return { ...code, source: linesOf(lines.map(uncommented)) };
    case 'settings':
      return { ...code, source: linesOf(['import os', '', ...lines.map(pythonSetting)]) };
    case '':
      return { ...code, source: linesOf(['%%bash -e', ...lines]) };
    default:
      return fail(`# %%${kind}`, 'a kind of cell');
  }
}

const linesOf = (lines: readonly string[]): string[] =>
  lines.map((line, index) => (index < lines.length - 1 ? `${line}\n` : line));

function uncommented(line: string): string {
  const [, text] = /^#(?: (.*))?$/.exec(line) ?? fail(line, 'a comment');
  return text ?? '';
}

function pythonSetting(line: string): string {
  const [, name, value, why] =
    /^export (\w+)="\$\{\1:-([^"'\\}]*)\}" {2}(# .+)$/.exec(line) ?? fail(line, 'a setting');
  return `os.environ['${name}'] = '${value}'  ${why}`;
}

function fail(line: string, expected: string): never {
  throw new Error(`expected ${expected}: ${line}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of NOTEBOOKS) {
    writeFileSync(
      examplePath(name, 'ipynb'),
      notebookFrom(readFileSync(examplePath(name, 'sh'), 'utf8'), name),
    );
  }
}
