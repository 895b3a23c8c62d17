import path from 'node:path';
import { folderOf, type PageId } from '../model/page.ts';
import type { BatchLayout } from '../model/run-options.ts';
import { sameForm } from '../pages/name-form.ts';
import { stemOf } from '../pages/output-name.ts';
import { beginsEnding } from '../pages/output-pattern.ts';

/** Names longer than this leave no room for what programs add: file systems take 255 bytes. */
const LONGEST_BYTES = 200;

/** How the pages of a batch are to stand in it. */
export interface PlacesSetup {
  readonly pages: readonly PageId[];
  readonly layout: BatchLayout;
  /** The relative name that a page has by itself; missing: its id. */
  readonly ownName?: ((page: PageId) => string) | undefined;
  /** A folder at the top of the batch that is for outputs, and so for no page; empty or missing: none. */
  readonly reserved?: string | undefined;
}

/** Under which names the pages of a batch stand in it, and where files belong that a child made. */
export interface BatchPlaces {
  /** A page's relative name in the batch. In one level, names differ in more than case and suffix. */
  readonly nameOf: (page: PageId) => string;
  /** Where a file that is no page's output belongs, relative to the output root; `name` is relative to the child's outputs. */
  readonly placeOf: (name: string) => string;
}

/** The places of a batch. Pages keep their own names as far as the layout allows: they are what a log shows. Pure. */
export function placesOf({
  pages,
  layout,
  ownName = (page) => page,
  reserved = '',
}: PlacesSetup): BatchPlaces {
  if (layout === 'tree') return inTree(pages, ownName, reserved);
  const base = (page: PageId): string => path.posix.basename(ownName(page));
  const stems = new Set(pages.map((page) => keyOf(stemOf(base(page)))));
  const isClear = layout === 'folder' || stems.size === pages.length;
  const names = distinct(pages, isClear ? base : (page) => joined(ownName(page)));
  return { nameOf: (page) => names.get(page) ?? base(page), placeOf: besidePages(names) };
}

/** Under their own paths, but for a folder that has the name of the outputs'. */
function inTree(pages: readonly PageId[], ownName: (page: PageId) => string, reserved: string): BatchPlaces {
  if (reserved === '') return { nameOf: ownName, placeOf: (name) => name };
  const tops = new Set(pages.map((page) => topOf(ownName(page))));
  const taken = new Set([...tops].map(keyOf));
  const renamed = new Map<string, string>();
  for (const top of tops) {
    if (keyOf(top) === keyOf(reserved)) renamed.set(top, numbered(top, '', taken));
  }
  const back = new Map([...renamed].map(([top, name]) => [name, top]));
  const exchange = (name: string, tops: ReadonlyMap<string, string>): string => {
    const top = topOf(name);
    return `${tops.get(top) ?? top}${name.slice(top.length)}`;
  };
  return {
    nameOf: (page) => exchange(ownName(page), renamed),
    placeOf: (name) => exchange(name, back),
  };
}

/** The first folder of a path; empty for a name alone. */
const topOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

/** `ch1/001.png` as a name of one level. */
function joined(name: string): string {
  const whole = name.replaceAll('/', '_');
  return Buffer.byteLength(whole) > LONGEST_BYTES ? path.posix.basename(name) : whole;
}

/** Each page's name, or that with a number where another page has it. */
function distinct(pages: readonly PageId[], nameOf: (page: PageId) => string): ReadonlyMap<PageId, string> {
  const names = new Map<PageId, string>();
  const taken = new Set<string>();
  for (const page of pages) {
    const name = nameOf(page);
    const stem = stemOf(name);
    const suffix = name.slice(stem.length);
    if (taken.has(keyOf(stem))) names.set(page, numbered(stem, suffix, taken));
    else {
      taken.add(keyOf(stem));
      names.set(page, name);
    }
  }
  return names;
}

/** The name with the first number that makes its stem a new one, which is taken then. */
function numbered(stem: string, suffix: string, taken: Set<string>): string {
  const short = withinBytes(stem);
  for (let number = 2; ; number += 1) {
    const name = `${short}-${number}`;
    if (taken.has(keyOf(name))) continue;
    taken.add(keyOf(name));
    return `${name}${suffix}`;
  }
}

/** The text, or as many of its first characters as may be in a name. */
const withinBytes = (text: string): string =>
  Buffer.byteLength(text) <= LONGEST_BYTES
    ? text
    : new TextDecoder().decode(Buffer.from(text).subarray(0, LONGEST_BYTES)).replace(/\ufffd+$/, '');

/** Equal for names that a file system or a program may take for one. */
const keyOf = (name: string): string => sameForm(name).toLowerCase();

/** Files go to the page whose stem begins their name, under that page's own; others to the folder that all pages are in. */
function besidePages(names: ReadonlyMap<PageId, string>): (name: string) => string {
  const byStem = new Map([...names].map(([page, name]) => [stemOf(name), page]));
  const shared = sharedFolder([...names.keys()]);
  return (name) => {
    const { dir, base } = path.posix.parse(name);
    for (let end = base.length; end > 0; end -= 1) {
      const page = byStem.get(base.slice(0, end));
      const rest = base.slice(end);
      if (page === undefined || !(rest === '' || beginsEnding(rest))) continue;
      return path.posix.join(folderOf(page), dir, `${path.posix.basename(stemOf(page))}${rest}`);
    }
    return path.posix.join(shared, name);
  };
}

function sharedFolder(pages: readonly PageId[]): string {
  const [first = '', ...others] = new Set(pages.map(folderOf));
  let shared = first;
  for (const folder of others) {
    while (shared !== '' && folder !== shared && !folder.startsWith(`${shared}/`)) shared = folderOf(shared);
  }
  return shared;
}
