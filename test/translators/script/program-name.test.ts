import { expect, test } from 'vitest';
import { programName } from '../../../src/translators/script/program-name.ts';

test.each([
  ['python3 tr.py {input} {output}', 'tr.py'],
  ['/usr/bin/python3.12 -u /s/tr.py -i {input} --config my.sh', 'tr.py'],
  ['conda run -n manga python3 tr.py {input}', 'tr.py'],
  ['nice -n 19 bash ./run.sh {input}', 'run.sh'],
  ['node translate.mjs {input}', 'translate.mjs'],
  ['python3 -m my_translator.cli {input} --hook after.py', 'my_translator.cli'],
  ['docker run -m 4g image python3 tr.py {input}', 'tr.py'],
  ['realesrgan-ncnn-vulkan -i {input} -o {output} -m models', 'realesrgan-ncnn-vulkan'],
  ['/opt/bin/translate {input}', 'translate'],
  ["bash -c 'python3 tr.py {input}'", 'bash'],
])('%s is called %s', (command, name) => {
  const words = command.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
  expect(programName(words)).toBe(name);
});
