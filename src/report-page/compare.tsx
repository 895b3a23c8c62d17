import { useState } from 'preact/hooks';

export type Mode = 'slider' | 'sides';

interface CompareProps {
  readonly before: string;
  readonly after: string;
  readonly id: string;
  readonly mode: Mode;
}

/** An original and its result: one over the other with a slider between, or side by side. Where one is gone, the other alone. */
export function Compare({ before, after, id, mode }: CompareProps) {
  const [share, setShare] = useState(50);
  const [gone, setGone] = useState({ before: false, after: false });
  if (gone.before && gone.after) return <Missing id={id} />;
  if (gone.before)
    return <SinglePage address={after} name="Result" id={id} note="The original is not there any more." />;
  if (gone.after)
    return (
      <SinglePage address={before} name="Original" id={id} note="The result is not where the run put it." />
    );
  const original = (
    <img
      src={before}
      alt={`Original of ${id}`}
      onError={() => setGone((now) => ({ ...now, before: true }))}
    />
  );
  const result = (
    <img src={after} alt={`Result of ${id}`} onError={() => setGone((now) => ({ ...now, after: true }))} />
  );
  if (mode === 'sides')
    return (
      <div class="images sides">
        <figure>
          {original}
          <figcaption>Original</figcaption>
        </figure>
        <figure>
          {result}
          <figcaption>Result</figcaption>
        </figure>
      </div>
    );
  return (
    <div class="images">
      <div class="stack">
        {result}
        <div class="over" style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}>
          {original}
        </div>
        <span class="edge" style={{ left: `${share}%` }} aria-hidden="true" />
        <span class="side-name left" aria-hidden="true">
          Original
        </span>
        <span class="side-name right" aria-hidden="true">
          Result
        </span>
        <input
          type="range"
          min={0}
          max={100}
          step={0.5}
          value={share}
          aria-label="How much of the original is shown"
          aria-valuetext={`${Math.round(share)} % original`}
          onInput={(event) => setShare(Number(event.currentTarget.value))}
        />
      </div>
    </div>
  );
}

interface SingleProps {
  readonly address: string;
  readonly name: string;
  readonly id: string;
  readonly note?: string;
}

/** The only image that there is of a page. */
export function SinglePage({ address, name, id, note }: SingleProps) {
  const [isGone, setGone] = useState(false);
  if (isGone) return <Missing id={id} />;
  return (
    <div class="images">
      <figure>
        <img src={address} alt={`${name} of ${id}`} onError={() => setGone(true)} />
        <figcaption>{note ?? name}</figcaption>
      </figure>
    </div>
  );
}

/** What a reader can do depends on whether the page is a file. */
function Missing({ id }: { readonly id: string }) {
  const isPacked = /\.(?:cbz|zip)\//i.test(id);
  return (
    <p class="note">
      {isPacked
        ? 'This page is in an archive. A report that is made with --embed 50 holds the images of 50 pages.'
        : 'Its images are not there: the files were moved, or this report was. A report that is made with --embed 50 holds the images of 50 pages.'}
    </p>
  );
}
