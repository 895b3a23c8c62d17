import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** One page, and what has to become of it. */
export interface Case {
  readonly page: string;
  /** An outcome, or the reason of a failure. */
  readonly expected: string;
  /** Where two are right. */
  readonly orElse?: string;
  /** How it is painted: a kind that the stand-ins know, and what is done with it then. */
  readonly kind: string;
  readonly how?: 'cut' | 'empty' | 'no-image' | 'wide' | 'grey16' | 'animated';
  readonly needsStandIns?: boolean;
}

const picked = (kind: string, expected: string): Case => ({
  page: `${kind}.png`,
  kind,
  expected,
  needsStandIns: true,
});
const text = (page: string): Case => ({ page, kind: 'text', expected: 'translated', needsStandIns: true });

const SUFFIXES = ['PNG', 'jpg', 'JPG', 'jpeg', 'JPEG', 'webp', 'bmp', 'gif', 'tif', 'tiff', 'avif', 'jfif'];
const NAMES = [
  'with space.png',
  'double "quotes".png',
  "it's.png",
  'new\nline "x"\n.png',
  '-dash.png',
  '--output/--input.png',
  '50%20off.png',
  'back\\slash.png',
  'tab\t.png',
  'red \u001b[31m.png',
  'emoji 🎌.png',
  '漫画/第１話.png',
  '²1.png',
  '1①2.png',
  `${'あ'.repeat(70)}.png`,
  'a.b.c.png',
  'trailing .png',
];

/** All cases; those that need stand-ins for detection and OCR only where there are some. */
export function casesFor({ standIns }: { standIns: boolean }): Case[] {
  const all: Case[] = [
    picked('text', 'translated'),
    { page: 'blank.png', kind: 'blank', expected: 'no-text' },
    picked('yellow', 'no-text'),
    picked('cyan', 'untranslated'),
    picked('red', 'oom'),
    picked('blue', 'error'),
    picked('magenta', 'error'),
    { page: 'cut-jpg.jpg', kind: 'text', how: 'cut', expected: 'unreadable' },
    { page: 'cut-png.png', kind: 'text', how: 'cut', expected: 'unreadable' },
    { page: 'empty.png', kind: 'text', how: 'empty', expected: 'unreadable' },
    { page: 'no-image.png', kind: 'text', how: 'no-image', expected: 'unreadable' },
    { page: 'wide.webp', kind: 'blank', how: 'wide', expected: 'error' },
    { page: 'grey16.png', kind: 'blank', how: 'grey16', expected: 'no-text' },
    { page: 'animated.gif', kind: 'blank', how: 'animated', expected: 'no-text' },
    ...SUFFIXES.map((suffix, index) => text(`suffix-${index}.${suffix}`)),
    ...NAMES.map(text),
    text('last.png'),
  ];
  return all.filter(({ needsStandIns = false }) => standIns || !needsStandIns);
}

const PAINT = `import importlib.util, json, os, sys
from PIL import Image
if sys.argv[1]:
    spec = importlib.util.spec_from_file_location("pages", os.path.join(sys.argv[1], "pages.py"))
    pages = importlib.util.module_from_spec(spec); spec.loader.exec_module(pages); paint = pages.page
else:
    paint = lambda kind: Image.new("RGB", (600, 800), "white")
for case in json.load(sys.stdin):
    path, how = case["path"], case.get("how")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if how in ("empty", "no-image"):
        open(path, "w").write("" if how == "empty" else "no image at all\\n" * 40)
        continue
    image = paint(case["kind"])
    suffix = path.rpartition(".")[2].lower()
    form = {"jpg": "JPEG", "jfif": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
    if how == "wide": image, form = Image.new("RGB", (16500, 600), "white"), "PNG"
    if how == "grey16": image = Image.new("I;16", (600, 800), 60000)
    if how == "animated": image.save(path, form, save_all=True, append_images=[image.rotate(90)])
    else: image.save(path, form)
    if how == "cut":
        data = open(path, "rb").read()
        open(path, "wb").write(data[:len(data) // 2])
`;

/** Paints each case's page into the input folder, with the Pillow of the translator's own Python. */
export async function paintCases(
  cases: readonly Case[],
  { python, standIns, input }: { python: string; standIns: string | undefined; input: string },
): Promise<void> {
  await mkdir(input, { recursive: true });
  const script = path.join(path.dirname(input), 'paint.py');
  await writeFile(script, PAINT);
  const jobs = cases.map(({ page, kind, how }) => ({ path: path.join(input, page), kind, how }));
  await execa(python, [script, standIns ?? ''], { input: JSON.stringify(jobs), env: { MIT_NO_STUBS: '1' } });
}
