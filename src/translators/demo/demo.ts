import type { BatchLayout } from '../../model/run-options.ts';
import { OWN_NAMES } from '../../pages/output-pattern.ts';
import type { Python } from '../python.ts';
import { pythonFile } from '../python-files.ts';
import { ScriptTranslator } from '../script/script.ts';

/** The demo: stamps GPU and page on each PNG and copies other images, so that the sharding can be seen anywhere. */
export function demoTranslator({
  python,
  args,
  cwd,
  format,
  layout,
}: {
  python: Python;
  args: readonly string[];
  cwd: string;
  format: string | undefined;
  layout?: BatchLayout | undefined;
}): ScriptTranslator {
  const words = [python.file, pythonFile('demo_translate.py'), '--input', '{input}', '--output', '{output}'];
  return new ScriptTranslator({
    name: 'demo',
    template: { words },
    args,
    cwd,
    format,
    outputPattern: OWN_NAMES,
    layout,
    shape: { translator: 'demo', args },
    isKnown: true,
    keepsFormat: true,
    readsOnly: true,
  });
}
