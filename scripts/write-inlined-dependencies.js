// Writes into package.json which packages the build has put into dist: node scripts/write-inlined-dependencies.js
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagesNamedIn } from './licences.js';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FIELD = 'inlinedDependencies';

const path = join(ROOT, 'package.json');
const { [FIELD]: _, ...fields } = JSON.parse(readFileSync(path, 'utf8'));
fields[FIELD] = packagesNamedIn(readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8'));
writeFileSync(path, `${JSON.stringify(fields, null, 2)}\n`);
