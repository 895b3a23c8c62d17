import type { OutputPattern } from '../pages/output-pattern.ts';

/**
 * What the words around a page's stem say of an image: `result`, a translated page; `step`, something made on the way to one;
 * `passing`, a file that is still being written; `unknown`, nothing.
 */
export type EndingKind = 'result' | 'step' | 'passing' | 'unknown';

const PASSING = words('tmp temp temporary part partial partially incomplete download lock writing');
const STEPS = words(
  'mask masks raw orig original source src input in backup bak old copy text texts textless bubble bubbles box boxes bbox bboxes ' +
    'detect detected detection detections seg segment segmentation line lines ocr crop crops heatmap debug vis preview thumb ' +
    'thumbnail small error err failed fail broken inpaint inpainted inpainting stage step overlay',
);
const RESULTS = words(
  'translated translation translate trans tl result results out output final done typeset typesetted lettered rendered ' +
    'en eng english zh chs cht chi cn tw sc tc chinese ja jp jpn japanese ko kr kor korean fr fra french de deu ger german ' +
    'es spa spanish it ita italian pt por ptbr portuguese ru rus russian pl polish nl dutch tr turkish vi vie vietnamese ' +
    'id ind indonesian th thai ar arabic uk ukrainian',
);

/** Reads the words of a pattern, in whatever case; the one that promises least decides. Pure. */
export function kindOfEnding({ before, after }: Pick<OutputPattern, 'before' | 'after'>): EndingKind {
  // `TranslatedMask` is two words.
  const separated = `${before} ${after}`.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').toLowerCase();
  const found = separated.match(/\p{L}+/gu) ?? [];
  if (found.some((word) => PASSING.has(word))) return 'passing';
  if (found.some((word) => STEPS.has(word))) return 'step';
  return found.some((word) => RESULTS.has(word)) ? 'result' : 'unknown';
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
