import { expect, test } from 'vitest';
import { addressBelow } from '../../src/report-page/image-address.ts';
import { hashOf, type Route, readRoute } from '../../src/report-page/route.ts';

test('an address comes back as the route that it was made of', () => {
  const routes: readonly Route[] = [
    { view: 'overview', filter: {} },
    {
      view: 'pages',
      filter: {
        search: 'a&b=c#d %20 漫',
        outcome: 'no-text',
        reason: 'oom',
        folder: "it's/x?",
        slot: 3,
        mark: 'now',
        sort: 'slowest',
      },
    },
    { view: 'timeline', filter: {}, page: '<img src=x onerror=alert(1)>.png' },
  ];
  for (const route of routes) expect(readRoute(hashOf(route))).toEqual(route);
});

test('what makes no sense in an address is passed over', () => {
  expect(readRoute('#/nonsense?outcome=great&slot=-1&mark=x&sort=constructor&outcome=toString')).toEqual({
    view: 'overview',
    filter: {},
  });
  expect(readRoute('')).toEqual({ view: 'overview', filter: {} });
});

test('names mean themselves in the address of an image, and lead nowhere else', () => {
  expect(addressBelow('../in/', `a#b/100%?"'.png`)).toBe(`../in/a%23b/100%25%3F%22'.png`);
  expect(addressBelow('./', 'javascript:alert(1)')).toBe('./javascript%3Aalert(1)');
  expect(addressBelow('./', 'bad\ud800.png')).toBe('./bad%EF%BF%BD.png');
});
