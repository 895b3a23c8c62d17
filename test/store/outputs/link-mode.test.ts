import { expect, test } from 'vitest';
import { LinkMode } from '../../../src/store/outputs/link-mode.ts';

test('a program passes its trial with the first page that it translated and left alone', () => {
  const links = new LinkMode({ copies: false, isKnown: false });
  expect(links.isTrial).toBe(true);
  links.passedTrial();
  expect(links.isTrial).toBe(false);
});

test('one that wrote over a page of an archive stays on trial, however many it leaves alone later', () => {
  const links = new LinkMode({ copies: false, isKnown: false });
  links.wroteOver();
  links.passedTrial();
  expect(links.isTrial).toBe(true);
  links.copyFromNowOn();
  expect(links.isTrial).toBe(false);
});
