import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const FOLDER = 'src/report-page';
/** What is loaded runs and paints by its hash alone; images are the pages that lie near the report, or are within it. */
const POLICY =
  "default-src 'none'; script-src '@script@'; style-src '@style@'; img-src 'self' file: data:; base-uri 'none'; form-action 'none'";

/**
 * The page that HTML reports are made of: script and style within it, and marks where title and data go.
 * @param {string} root
 * @returns {Promise<{ html: string, inputs: string[] }>} with the paths of what was bundled
 */
export async function reportPage(root) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { page: `${FOLDER}/main.tsx`, style: `${FOLDER}/style.css` },
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    outdir: 'dist',
    metafile: true,
    write: false,
  });
  const textOf = (/** @type {string} */ suffix) =>
    result.outputFiles.find(({ path }) => path.endsWith(suffix))?.text.trim() ?? '';
  const script = textOf('page.js');
  const style = textOf('style.css');
  if (script === '' || style === '') throw new Error("the report's page was not built");
  const policy = POLICY.replace('@script@', hashOf(script)).replace('@style@', hashOf(style));
  const html = readFileSync(join(root, FOLDER, 'index.html'), 'utf8')
    .replace('@policy@', () => policy)
    .replace('@style@', () => style)
    .replace('@script@', () => script);
  return { html, inputs: Object.keys(result.metafile.inputs) };
}

/** @param {string} text */
const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
