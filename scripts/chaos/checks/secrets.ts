import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** The keys that the workers were given, and printed, are in no file and in nothing that was shown. */
export async function checkSecrets(scene: Scene): Promise<Violation[]> {
  const { setting, launchers, output, root } = scene;
  const places: { readonly name: string; readonly text: string }[] = launchers.flatMap((launcher) => [
    { name: `stdout of process ${launcher.pid}`, text: launcher.stdout },
    { name: `stderr of process ${launcher.pid}`, text: launcher.stderr },
  ]);
  for (const folder of [output, join(root, 'tmp'), join(root, 'home')]) {
    for (const name of await readdir(folder, { recursive: true }).catch(() => [])) {
      const file = join(folder, name);
      if ((await stat(file)).isFile()) places.push({ name: file, text: await readFile(file, 'latin1') });
    }
  }
  return places.flatMap(({ name, text }) => {
    const secret = setting.secrets.find((each) => text.includes(each));
    if (secret === undefined) return [];
    const at = text.indexOf(secret);
    const around = text.slice(Math.max(0, at - 80), at + secret.length + 20);
    return [{ check: 'secret' as const, text: `${name}: …${around}…` }];
  });
}
