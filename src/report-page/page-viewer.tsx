import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Compare, type Mode, SinglePage } from './compare.tsx';
import { addressBelow } from './image-address.ts';
import { isTyping } from './is-typing.ts';
import { Outcome } from './outcome.tsx';
import { embeddedImage } from './read-data.ts';
import type { Route } from './route.ts';
import { Log, reasonText } from './troubles.tsx';
import type { Go } from './use-route.ts';
import type { ViewProps } from './view-props.ts';
import { count, secondsText, slotText } from './words.ts';

interface ViewerProps extends ViewProps {
  readonly id: string;
  /** Pages to go through. */
  readonly listed: Uint32Array;
  readonly route: Route;
  readonly go: Go;
}

/** One page, before and after, with what is known of it. */
export function PageViewer({ data, pages, id, listed, route, go }: ViewerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [mode, setMode] = useState<Mode>('slider');
  const at = pages.find(id);
  const row = listed.indexOf(at);
  const close = (): void => go({ view: route.view, filter: route.filter }, { replace: true });
  const step = (by: number, meets: (place: number) => boolean = () => true): void => {
    for (let next = row + by; next >= 0 && next < listed.length; next += by) {
      const place = listed[next];
      if (place === undefined || !meets(place)) continue;
      go({ ...route, page: pages.id(place) }, { replace: true });
      return;
    }
  };
  const keyed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    if (event.key === 'ArrowRight' || event.key === 'j') step(1);
    else if (event.key === 'ArrowLeft' || event.key === 'k') step(-1);
    else if (event.key === 'f') step(1, (place) => pages.outcome(place) === 'failed');
    else if (event.key === 's') setMode(mode === 'slider' ? 'sides' : 'slider');
    else return;
    event.preventDefault();
  };
  useLayoutEffect(() => {
    dialog.current?.showModal();
    dialog.current?.focus();
  }, []);
  // Before the next key: an effect of useEffect comes after the page is painted.
  useLayoutEffect(() => {
    addEventListener('keydown', keyed);
    return () => removeEventListener('keydown', keyed);
  });
  return (
    <dialog
      ref={dialog}
      class="viewer"
      tabIndex={-1}
      aria-label={`Page ${id}`}
      onClose={close}
      onCancel={close}
    >
      <div class="viewer-head">
        <div class="viewer-title">
          <h2>{id}</h2>
          {at >= 0 && <Outcome outcome={pages.outcome(at)} />}
        </div>
        <div class="viewer-tools">
          <span class="dim">{row < 0 ? '' : `${count(row + 1)} / ${count(listed.length)}`}</span>
          <button
            type="button"
            onClick={() => setMode(mode === 'slider' ? 'sides' : 'slider')}
            aria-pressed={mode === 'sides'}
            class="mode"
          >
            Side by side
          </button>
          <button type="button" aria-label="Previous page" disabled={row <= 0} onClick={() => step(-1)}>
            ←
          </button>
          <button
            type="button"
            aria-label="Next page"
            disabled={row < 0 || row >= listed.length - 1}
            onClick={() => step(1)}
          >
            →
          </button>
          <button type="button" aria-label="Close" onClick={close}>
            ✕
          </button>
        </div>
      </div>
      {at < 0 ? (
        <p class="note">This report has no such page.</p>
      ) : (
        <>
          {pages.outcome(at) === 'failed' && <Details data={data} pages={pages} at={at} />}
          <Images key={at} data={data} pages={pages} at={at} mode={mode} />
          {pages.outcome(at) !== 'failed' && <Details data={data} pages={pages} at={at} />}
        </>
      )}
    </dialog>
  );
}

interface PageProps extends ViewProps {
  readonly at: number;
}

function Images({ data, pages, at, mode }: PageProps & { readonly mode: Mode }) {
  const { input, output } = data.links;
  const id = pages.id(at);
  const result = pages.output(at);
  const before = embeddedImage('original', at) ?? (input === undefined ? undefined : addressBelow(input, id));
  const after =
    embeddedImage('result', at) ?? (result === undefined ? undefined : addressBelow(output, result));
  if (before === undefined && after === undefined)
    return (
      <p class="note">
        There is no image: the page has no result, and the run did not say where its original is.
      </p>
    );
  if (before === undefined || after === undefined)
    return (
      <SinglePage
        address={before ?? after ?? ''}
        name={before === undefined ? 'Result' : 'Original'}
        id={id}
      />
    );
  return <Compare before={before} after={after} id={id} mode={mode} />;
}

function Details({ data, pages, at }: PageProps) {
  const reason = pages.reason(at);
  const message = pages.message(at);
  const slot = pages.slot(at);
  const facts = [
    slot >= 0 && slotText(data, slot),
    pages.seconds(at) !== undefined && secondsText(pages.seconds(at)),
    pages.attempts(at) > 1 && `${pages.attempts(at)} attempts`,
    pages.isEarlier(at) && 'done by an earlier run',
    pages.isRecovered(at) && 'taken over from a run that was killed',
    pages.isUnchanged(at) && 'equals the original, byte for byte',
    pages.hasOriginalInPlace(at) && 'its original is in its place',
  ].filter((fact) => fact !== false);
  return (
    <div class="details">
      {facts.length > 0 && (
        <p class="facts">
          {facts.map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
      )}
      {(reason !== undefined || message !== undefined) && (
        <p class="message">
          {reason !== undefined && <b>{reasonText(reason)}</b>} {message}
        </p>
      )}
      {pages.notes(at).map((note) => (
        <p key={note} class="message">
          {note}
        </p>
      ))}
      <Log text={pages.log(at)} isOpen={pages.outcome(at) === 'failed'} />
    </div>
  );
}
