import { useCallback, useLayoutEffect, useState } from 'preact/hooks';
import { hashOf, type Route, readRoute } from './route.ts';

/** Goes to another route; `replace`: without an entry in the history. */
export type Go = (route: Route, how?: { readonly replace?: boolean }) => void;

/** The route in the address, and how to change it. */
export function useRoute(): { readonly route: Route; readonly go: Go } {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  // Before anybody can follow a link: an effect of useEffect comes after the page is painted.
  useLayoutEffect(() => {
    const listener = (): void => setRoute(readRoute(location.hash));
    addEventListener('hashchange', listener);
    return () => removeEventListener('hashchange', listener);
  }, []);
  const go = useCallback<Go>((next, { replace = false } = {}) => {
    const hash = hashOf(next);
    if (replace) location.replace(hash);
    else location.hash = hash;
  }, []);
  return { route, go };
}
