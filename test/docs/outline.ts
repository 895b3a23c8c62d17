/** What every language has to write alike: code, links (by their targets), numbers, signals. */
const FACT = /`[^`]+`|\]\([^)\s]+\)|SIG[A-Z]+\d?|[A-Z]*\d+(?:\.\d+)*/g;
const TO_A_README = /^\]\(README[\w.-]*\.md\)$/;
const TO_A_HEADING = /^\]\(#.*\)$/;
/** A comment of a shell script, with the spaces before it. */
const COMMENT = /(^|\s+)#(?:\s.*)?$/;

/** A heading with the hashes of its level, and what stands below it up to the next one. */
export interface Section {
  readonly heading: string;
  readonly blocks: readonly string[];
}

/**
 * A page without its prose, to compare it with its translation. A paragraph, list item or table cell is its kind and its facts in
 * any order; code is as it stands but for the words of comments. Links to a README and to headings of the page itself have the same
 * target in every language.
 */
export function outlineOf(page: string): Section[] {
  const sections: { heading: string; blocks: string[] }[] = [];
  for (const block of blocksOf(page)) {
    if (block.startsWith('#')) sections.push({ heading: block, blocks: [] });
    else sections.at(-1)?.blocks.push(...outlineOfBlock(block));
  }
  return sections;
}

/** The page's headings, fenced blocks, table rows, list items and paragraphs, each with all of its lines. */
export function blocksOf(page: string): string[] {
  const pattern =
    /^```.*?^```$|^#+ .*?$|^\|.*?$|^- .*?(?=\n(?:\n|- |```|$))|^\S.*?(?=\n(?:\n|- |\||```|$))/gms;
  return page.match(pattern) ?? [];
}

function outlineOfBlock(block: string): string[] {
  if (block.startsWith('```'))
    return block
      .split('\n')
      .map((line) => (block.startsWith('```sh') ? line.replace(COMMENT, ' # …') : line));
  if (block.startsWith('|')) {
    const cells = block.slice(1, -1).split(/(?<!\\)\|/);
    return [`row: ${cells.map(factsOf).join(' | ')}`];
  }
  return [`${block.startsWith('- ') ? 'item' : 'paragraph'}: ${factsOf(block)}`];
}

const factsOf = (text: string): string =>
  [...new Set(text.match(FACT) ?? [])]
    .map((fact) =>
      fact.replace(TO_A_README, 'the other README').replace(TO_A_HEADING, 'a heading of this page'),
    )
    .sort()
    .join(' ');
