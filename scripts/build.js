// Builds dist: the CLI in one file, what it starts beside itself, and the library with its types. --watch builds again at
// each change of src.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { hashOfInputs, recordBuild } from './freshness.js';
import { thirdPartyLicences } from './licences.js';
import { reportPage } from './report-page.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const DIST = join(ROOT, 'dist');
const ENTRIES = {
  cli: 'src/cli/main.ts',
  'inspect-thread': 'src/pages/inspect-thread.ts',
  // With the tables of encodings: loaded where there is an archive.
  'read-directory': 'src/pages/sources/read-directory.ts',
  'pack-thread': 'src/store/archives/pack-thread.ts',
  // What makes HTML reports: in a thread at the end of a run, and for the command.
  'report-thread': 'src/report/html/report-thread.ts',
  index: 'src/index.ts',
};
const LIBRARY = join(ROOT, ENTRIES.index);
/** @satisfies {import('esbuild').BuildOptions} */
const BUNDLE = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // Names stay: a stack in a bug report is worth more than 100 kB.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  // CommonJS libraries ask for Node's modules through `require`, which a module doesn't have.
  banner: {
    js: "import{createRequire as mgpuCreateRequire}from'node:module';const require=mgpuCreateRequire(import.meta.url);",
  },
  metafile: true,
  write: false,
};
/** In CommonJS: a script, of which V8 can keep what it has compiled (bin/load-program.js), and what that loads. */
const IN_COMMON_JS = ['cli', 'read-directory', 'report-thread'];
/** @satisfies {import('esbuild').BuildOptions} */
const COMMON_JS = {
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { 'import.meta.url': 'mgpuUrl' },
  banner: { js: "const mgpuUrl=require('node:url').pathToFileURL(__filename).href;" },
};

/** @param {{ types: boolean }} what */
async function buildAll({ types }) {
  const inputs = hashOfInputs(ROOT);
  mkdirSync(DIST, { recursive: true });
  /** @type {string[]} */
  const written = [];
  /** @param {string} path @param {string | Uint8Array} content */
  const put = (path, content) => {
    // Renamed into place: another process may be starting from this file.
    const target = join(DIST, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(`${target}.${process.pid}.tmp`, content);
    renameSync(`${target}.${process.pid}.tmp`, target);
    written.push(path);
  };

  const entries = Object.entries(ENTRIES).filter(
    ([name, path]) => name === 'cli' || existsSync(join(ROOT, path)),
  );
  /** @type {Set<string>} */
  const bundled = new Set();
  for (const [name, path] of entries) {
    const kind = IN_COMMON_JS.includes(name) ? { ...BUNDLE, ...COMMON_JS } : BUNDLE;
    const result = await build({ ...kind, entryPoints: { [name]: path }, outdir: DIST });
    for (const file of result.outputFiles) put(relative(DIST, file.path), file.contents);
    for (const input of Object.keys(result.metafile.inputs)) bundled.add(input);
  }
  const page = await reportPage(ROOT);
  put('report-page.html', page.html);
  for (const input of page.inputs) bundled.add(input);
  put('THIRD-PARTY-LICENSES.txt', thirdPartyLicences(ROOT, bundled));
  for (const [name, schema] of Object.entries(await jsonSchemas())) {
    put(name, `${JSON.stringify(schema, null, 2)}\n`);
  }
  for (const path of pythonFiles('python')) {
    mkdirSync(dirname(join(DIST, path)), { recursive: true });
    cpSync(join(ROOT, 'src', path), join(DIST, path));
    written.push(path);
  }
  if (types && existsSync(LIBRARY)) {
    rmSync(join(DIST, 'types'), { recursive: true, force: true });
    await emitTypes();
    written.push('types/index.d.ts');
  }
  removeLeftovers(written);
  // Without types dist is fit for trying out, not for packing.
  if (types) recordBuild(ROOT, inputs, written);
}

async function jsonSchemas() {
  const source = join(ROOT, 'src/cli/json-schema.ts');
  const { outputFiles } = await build({ ...BUNDLE, entryPoints: [source], outdir: DIST });
  const runnable = join(DIST, `schema.${process.pid}.tmp.mjs`);
  const code = outputFiles.find(({ path }) => path.endsWith('.js'));
  if (code === undefined) throw new Error('the schemas were not built');
  writeFileSync(runnable, code.contents);
  try {
    const schemas = await import(pathToFileURL(runnable).href);
    return schemas.jsonSchemas();
  } finally {
    rmSync(runnable, { force: true });
  }
}

/** @param {string} folder @returns {string[]} */
function pythonFiles(folder) {
  return readdirSync(join(ROOT, 'src', folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory())
      return entry.name === '__pycache__' ? [] : pythonFiles(`${folder}/${entry.name}`);
    return [`${folder}/${entry.name}`];
  });
}

/** @returns {Promise<void>} */
function emitTypes() {
  const options = [
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    '--rewriteRelativeImportExtensions',
  ];
  const project = ['--rootDir', 'src', '--outDir', 'dist/types'];
  // TypeScript refuses files on its command line beside a tsconfig.json unless told to leave that alone.
  const compiler = [
    '--ignoreConfig',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2023',
    '--module',
    'nodenext',
  ];
  const args = [
    ...compiler,
    '--types',
    'node',
    '--allowImportingTsExtensions',
    ...options,
    ...project,
    LIBRARY,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules/.bin/tsc'), args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`tsc: exit ${code}`))));
  });
}

/** Files of earlier builds would be packed too. @param {string[]} written */
function removeLeftovers(written) {
  const kept = new Set(written);
  for (const entry of readdirSync(DIST, { withFileTypes: true, recursive: true })) {
    const path = relative(DIST, join(entry.parentPath, entry.name));
    if (entry.isDirectory() || kept.has(path) || path.startsWith('types/') || path.endsWith('.tmp')) continue;
    rmSync(join(DIST, path), { force: true });
  }
}

async function watchSources() {
  let running = Promise.resolve();
  let waiting = false;
  const again = () => {
    if (waiting) return;
    waiting = true;
    running = running.then(async () => {
      // Editors write a file in several steps.
      await new Promise((resolve) => setTimeout(resolve, 100));
      waiting = false;
      const began = performance.now();
      await buildAll({ types: false }).then(
        () => console.error(`built in ${((performance.now() - began) / 1000).toFixed(2)} s`),
        (error) => console.error(error.message),
      );
    });
  };
  watch(join(ROOT, 'src'), { recursive: true }, (_, name) => name?.includes('__pycache__') || again());
  again();
}

if (process.argv.includes('--watch')) await watchSources();
else {
  await buildAll({ types: true }).catch((error) => {
    // esbuild has said what is wrong with the sources already.
    if (!error.errors) throw error;
    process.exitCode = 1;
  });
}
