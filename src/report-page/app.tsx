import { useEffect, useMemo } from 'preact/hooks';
import { foldersOf } from './folders-of.ts';
import { FoldersView } from './folders-view.tsx';
import { Header } from './header.tsx';
import { Overview } from './overview.tsx';
import { filterPages } from './page-filter.ts';
import { PageViewer } from './page-viewer.tsx';
import { PagesView } from './pages-view.tsx';
import { hashOf, type View } from './route.ts';
import { RunView } from './run-view.tsx';
import { TimelineView } from './timeline-view.tsx';
import { useRoute } from './use-route.ts';
import type { ViewProps } from './view-props.ts';
import { count } from './words.ts';

const TITLES: Readonly<Record<View, string>> = {
  overview: 'Overview',
  pages: 'Pages',
  folders: 'Folders',
  timeline: 'Timeline',
  run: 'Run',
};

/** The whole report: its head, the view that the address names, and a page's images above it. */
export function App({ data, pages }: ViewProps) {
  const { route, go } = useRoute();
  const { view, filter, page } = route;
  const key = JSON.stringify(filter);
  const listed = useMemo(() => filterPages(pages, JSON.parse(key)), [pages, key]);
  const folders = useMemo(() => foldersOf(data, pages), [data, pages]);
  useEffect(() => scrollTo(0, 0), [view]);
  const numbers: Partial<Record<View, string>> = {
    pages: count(pages.length),
    folders: count(folders.length),
  };
  return (
    <>
      <Header data={data} pages={pages} />
      <nav class="tabs" aria-label="Views">
        {Object.entries(TITLES).map(([name, title]) => (
          <a
            key={name}
            href={hashOf({ view: name as View, filter: {} })}
            aria-current={name === view ? 'page' : undefined}
          >
            {title}
            {numbers[name as View] !== undefined && <span class="number">{numbers[name as View]}</span>}
          </a>
        ))}
      </nav>
      <main>
        {view === 'overview' && <Overview data={data} pages={pages} folders={folders} />}
        {view === 'pages' && <PagesView data={data} pages={pages} route={route} listed={listed} go={go} />}
        {view === 'folders' && <FoldersView folders={folders} data={data} />}
        {view === 'timeline' && <TimelineView data={data} pages={pages} go={go} route={route} />}
        {view === 'run' && <RunView data={data} />}
      </main>
      {page !== undefined && (
        <PageViewer key="viewer" data={data} pages={pages} id={page} listed={listed} route={route} go={go} />
      )}
      <footer>
        Made by mgpu-translate. Keys: <kbd>←</kbd> <kbd>→</kbd> or <kbd>j</kbd> <kbd>k</kbd> go through pages,{' '}
        <kbd>f</kbd> to the next failed one, <kbd>s</kbd> switches slider and side by side, <kbd>Esc</kbd>{' '}
        closes.
      </footer>
    </>
  );
}
