import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { pythonFile } from '../../src/translators/python-files.ts';

const ARGPARSE = 'import argparse\np = argparse.ArgumentParser()\n';
const GUARD = 'if __name__ == "__main__":\n    main()\n';

const ENDS_AT_HELP: Readonly<Record<string, string>> = {
  argparse: `${ARGPARSE}p.parse_args()\n`,
  'argparse in main(argv)': `import argparse\ndef main(argv=None):\n    argparse.ArgumentParser().parse_args(argv)\n${GUARD}`,
  'argparse with sys.argv[1:]': `import sys\nfrom argparse import ArgumentParser as P\nP().parse_known_args(sys.argv[1:])\n`,
  'argparse below the main guard': `${ARGPARSE}if __name__ == "__main__":\n    a = p.parse_args()\n`,
  'argparse in a try for other errors': `${ARGPARSE}try:\n    p.parse_args()\nexcept ValueError:\n    pass\n`,
  'argparse in a class': `import argparse\nclass O:\n    def __init__(self):\n        self.p = argparse.ArgumentParser()\n    def parse(self):\n        return self.p.parse_args()\ndef main():\n    O().parse()\n${GUARD}`,
  optparse: 'import optparse\n(o, a) = optparse.OptionParser().parse_args()\n',
  click: 'import click\n@click.command()\ndef main():\n    pass\nmain()\n',
  'click without a call': 'from click import command\n@command\ndef main():\n    pass\nmain()\n',
  typer: 'import typer as t\nt.run(print)\n',
  docopt: 'from docopt import docopt\ndocopt(__doc__)\n',
  absl: 'from absl import app\napp.run(print)\n',
};

const MAY_RUN: Readonly<Record<string, string>> = {
  'nothing is parsed': 'import os\nprint(os.listdir("in"))\n',
  'positions are taken': 'import sys\nprint(sys.argv[1])\n',
  'a parser is named in text alone': '# import argparse; p.parse_args()\n"""import argparse"""\n',
  'a parser is imported alone': 'import argparse\n',
  'nobody calls the function that parses': `${ARGPARSE}def options():\n    return p.parse_args()\nprint(1)\n`,
  'a list is parsed': `${ARGPARSE}p.parse_args([])\n`,
  'text is parsed': `${ARGPARSE}p.parse_args(args="--in x".split())\n`,
  'parsed under a condition': `import sys\n${ARGPARSE}if len(sys.argv) > 3:\n    p.parse_args()\n`,
  'the exit is caught': `${ARGPARSE}try:\n    p.parse_args()\nexcept SystemExit:\n    pass\n`,
  'no --help is there': 'import argparse\nargparse.ArgumentParser(add_help=False).parse_known_args()\n',
  'unknown options are passed over':
    'import click\n@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)\ndef m():\n    pass\nm()\n',
  'the command line is replaced': `import sys\nsys.argv = ["x"]\n${ARGPARSE}p.parse_args()\n`,
  'the end of the command line is replaced': `import sys\nsys.argv[1:] = []\n${ARGPARSE}p.parse_args()\n`,
  fire: 'import fire\nfire.Fire(lambda **options: None)\n',
  getopt: 'import getopt, sys\ngetopt.getopt(sys.argv[1:], "i:")\n',
  'another parse_args': 'class P:\n    def parse_args(self):\n        pass\nP().parse_args()\n',
};

const MISSING: Readonly<Record<string, readonly [string, string | null]>> = {
  'on the first level': ['import os\nimport no_such_a.b\n', 'no_such_a'],
  'by from': ['from no_such_b.c import d\n', 'no_such_b'],
  'in a try': ['try:\n    import no_such_c\nexcept ImportError:\n    pass\n', null],
  'in a function': ['def f():\n    import no_such_d\n', null],
  'once the script has said where': ['import sys\nsys.path.insert(0, "x")\nimport no_such_e\n', null],
  relative: ['from . import no_such_f\n', null],
};

const BROKEN: Readonly<Record<string, string>> = {
  'no Python': 'for name in\n',
  'a return in the open': 'return 1\n',
  'a zero byte': 'a = "\0"\n',
};

interface Look {
  readonly error: string | null;
  readonly help: boolean;
  readonly missing: string | null;
}

let looks: Record<string, Look>;

// One Python for all of them.
beforeAll(() => {
  const lines =
    'import json, sys; sys.path.insert(0, sys.argv[1]); import look_at_script as l; ' +
    'print(json.dumps({k: l.look(v.encode(), "s.py") for k, v in json.load(sys.stdin).items()}))';
  const missing = Object.fromEntries(Object.entries(MISSING).map(([name, [source]]) => [name, source]));
  const folder = path.dirname(pythonFile('look_at_script.py'));
  const input = JSON.stringify({ ...ENDS_AT_HELP, ...MAY_RUN, ...missing, ...BROKEN });
  looks = JSON.parse(execFileSync('python3', ['-B', '-c', lines, folder], { input, encoding: 'utf8' }));
});

test.each(Object.keys(ENDS_AT_HELP))('%s: ends at --help', (name) => {
  expect(looks[name]).toMatchObject({ error: null, help: true });
});

test.each(Object.keys(MAY_RUN))('%s: --help may start it for real', (name) => {
  expect(looks[name]).toMatchObject({ error: null, help: false });
});

test.each(Object.entries(MISSING))('a module that is not there, imported %s', (name, [, module]) => {
  expect(looks[name]?.missing).toBe(module);
});

test.each(Object.keys(BROKEN))('%s does not compile', (name) => {
  expect(looks[name]).toMatchObject({ error: expect.stringMatching(/^\w+Error: ./), help: false });
});
