import { readFileSync } from 'node:fs';

/** Of this package; its package.json stands above the bundle and above the source alike. */
export const version: string = (() => {
  for (const above of ['../package.json', '../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'name' in found && found.name === 'mgpu-translate') {
        return 'version' in found ? String(found.version) : '';
      }
    } catch {
      // Not there: the other place.
    }
  }
  return '';
})();
