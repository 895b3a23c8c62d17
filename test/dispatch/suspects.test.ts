import { expect, test } from 'vitest';
import { type BatchEvidence, suspectsOf } from '../../src/dispatch/suspects.ts';

const pages = (text: string) =>
  text
    .split(' ')
    .filter(Boolean)
    .map((id) => ({ id, path: `/${id}` }));

function judged(evidence: {
  pages: string;
  finished?: string;
  named?: string;
  outputsSinceNamed?: number;
  broken?: string;
}): { suspects: string; back: string } {
  const { suspects, back } = suspectsOf({
    pages: pages(evidence.pages),
    finished: pages(evidence.finished ?? '').map(({ id }) => id),
    named: pages(evidence.named ?? '').map(({ id }) => id),
    outputsSinceNamed: evidence.outputsSinceNamed ?? 0,
    broken: new Map(pages(evidence.broken ?? '').map(({ id }) => [id, 'cut'])),
  } satisfies BatchEvidence);
  const text = (some: readonly { id: string }[]): string => some.map(({ id }) => id).join(' ');
  return { suspects: text(suspects), back: text(back) };
}

test('the page named last is the suspect, those behind it go back', () => {
  expect(judged({ pages: 'a b c d e', finished: 'a b', named: 'a b c' })).toEqual({
    suspects: 'c',
    back: 'd e',
  });
});

test('a child that walks in another order is taken at its word', () => {
  expect(judged({ pages: 'a b c d e', finished: 'e d', named: 'e d c' })).toEqual({
    suspects: 'c',
    back: 'a b',
  });
});

test('of a silent child the first page without output is the suspect', () => {
  expect(judged({ pages: 'a b c d', finished: 'a b' })).toEqual({ suspects: 'c', back: 'd' });
  expect(judged({ pages: 'a b c d' })).toEqual({ suspects: 'a', back: 'b c d' });
});

test('pages that were passed over are suspects together', () => {
  expect(judged({ pages: 'a b c d e', finished: 'a c e', named: 'a b c d e' })).toEqual({
    suspects: 'b d',
    back: '',
  });
  expect(judged({ pages: 'a b c d e', finished: 'a c e' })).toEqual({ suspects: 'b d', back: '' });
});

test('a silent child of unknown order passes nothing over for certain: one suspect at a time', () => {
  expect(judged({ pages: 'a b c d e', finished: 'e d' })).toEqual({ suspects: 'a', back: 'b c' });
});

test('two outputs that rise by chance do not make suspects of all between them', () => {
  expect(judged({ pages: 'a b c d e f g h', finished: 'a g' })).toEqual({
    suspects: 'b',
    back: 'c d e f h',
  });
});

test('a broken output makes its page a suspect', () => {
  expect(judged({ pages: 'a b c', finished: 'a c', named: 'a b c', broken: 'b' })).toEqual({
    suspects: 'b',
    back: '',
  });
});

test('names that are a list and not the work are not believed', () => {
  expect(judged({ pages: 'a b c d e', finished: 'a b', named: 'a b c d e', outputsSinceNamed: 2 })).toEqual({
    suspects: 'c',
    back: 'd e',
  });
});

test('a child that died between two pages leaves the next one as the suspect', () => {
  expect(judged({ pages: 'a b c', finished: 'a b', named: 'a b', outputsSinceNamed: 1 })).toEqual({
    suspects: 'c',
    back: '',
  });
});
