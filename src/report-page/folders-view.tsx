import { useState } from 'preact/hooks';
import type { ReportData } from '../report/html/report-data.ts';
import type { FolderSummary } from '../report/run-summary.ts';
import { hashOf } from './route.ts';
import { count, pagesText } from './words.ts';

const SHOWN = 500;

/** Each folder of the input: complete or not, and what is missing. */
export function FoldersView({
  folders,
  data,
}: {
  readonly folders: readonly FolderSummary[];
  readonly data: ReportData;
}) {
  const [search, setSearch] = useState('');
  const [isOpenOnly, setOpenOnly] = useState(false);
  const shown = folders.filter(
    ({ folder, complete }) =>
      folder.toLowerCase().includes(search.toLowerCase()) && !(isOpenOnly && complete),
  );
  const complete = folders.filter((folder) => folder.complete).length;
  return (
    <section>
      <h2>Folders</h2>
      <p class="dim" role="status">
        {count(complete)} of {count(folders.length)} complete
        {data.report.folderTotals?.mayHaveMore && '; the run ended before all of the input was read'}
      </p>
      <div class="filters">
        <label>
          <span class="sr">Search folders</span>
          <input
            type="search"
            placeholder="Search folders"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={isOpenOnly}
            onChange={(event) => setOpenOnly(event.currentTarget.checked)}
          />
          not complete
        </label>
      </div>
      <FolderTable folders={shown.slice(0, SHOWN)} />
      {shown.length > SHOWN && <p class="dim">and {count(shown.length - SHOWN)} more: search for them</p>}
    </section>
  );
}

/** Folders with the share of their pages that is done. */
export function FolderTable({ folders }: { readonly folders: readonly FolderSummary[] }) {
  return (
    <div class="scroll">
      <table class="plain folders">
        <thead>
          <tr>
            <th scope="col">Folder</th>
            <th scope="col">State</th>
            <th scope="col" class="figure">
              Done
            </th>
            <td class="wide" />
          </tr>
        </thead>
        <tbody>
          {folders.map((folder) => (
            <tr key={folder.folder}>
              <td>
                <a
                  href={hashOf({
                    view: 'pages',
                    filter: folder.folder === '.' ? {} : { folder: folder.folder },
                  })}
                >
                  {folder.folder === '.' ? 'Top of the input' : folder.folder}
                </a>
              </td>
              <td>
                {folder.complete ? (
                  <span class="outcome translated">
                    <i aria-hidden="true" />
                    Complete
                  </span>
                ) : (
                  missingText(folder)
                )}
              </td>
              <td class="figure">
                {count(folder.done)} / {pagesText(folder.pages)}
              </td>
              <td class="wide">
                <span class="bar small">
                  <span class="translated" style={{ flexGrow: folder.done }} />
                  <span class="untranslated" style={{ flexGrow: folder.untranslated }} />
                  <span class="failed" style={{ flexGrow: folder.failed }} />
                  <span class="left" style={{ flexGrow: folder.left }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function missingText({ failed, untranslated, left }: FolderSummary) {
  const parts = [
    failed > 0 && `${count(failed)} failed`,
    untranslated > 0 && `${count(untranslated)} untranslated`,
    left > 0 && `${count(left)} left`,
  ].filter((part) => part !== false);
  return (
    <span class={`outcome ${failed > 0 ? 'failed' : untranslated > 0 ? 'untranslated' : 'left'}`}>
      <i aria-hidden="true" />
      {parts.join(', ') || 'Not all of it was read'}
    </span>
  );
}
