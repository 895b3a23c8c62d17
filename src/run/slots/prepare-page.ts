import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { PageFailure } from '../../dispatch/assignment.ts';
import { type Page, sourceOf } from '../../model/page.ts';
import type { GoodProbe, SourceProbe } from '../../pages/inspector.ts';
import { hasSameTimes } from '../../pages/source-sighting.ts';
import { diskTrouble } from '../../store/outputs/disk-errors.ts';
import type { StagedPage } from '../staging/staged-page.ts';
import { copyGiven } from './copy-given.ts';
import { unreadablePage } from './record-success.ts';
import type { ReadyPage, WarmContext } from './warm-context.ts';

/** A page that was looked at. */
export type PreparedPage =
  | { readonly by: 'ready'; readonly ready: ReadyPage }
  | { readonly by: 'failed'; readonly failure: PageFailure };

/** Where a page's output is to be made, and what its worker may get. */
interface Place {
  readonly tray: string;
  /** A copy that was made ahead will do: it is the page's first try. */
  readonly mayBeStaged: boolean;
}

/**
 * Looks at a page and makes all ready for a worker that writes into the tray.
 * @throws Refusal where the disk has no room for a copy
 */
export async function preparePage(
  run: WarmContext,
  page: Page,
  { tray, mayBeStaged }: Place,
): Promise<PreparedPage> {
  const staged = mayBeStaged ? await takeStaged(run, page) : undefined;
  if (staged) return { by: 'ready', ready: await readied(run, staged.found, { page, tray, staged }) };
  const { inspector, links } = run;
  // Nobody but this program reads archives: a page of one is unpacked for the worker.
  const isCopy = links.copies || links.isTrial || page.entry !== undefined;
  const copy = path.join(`${tray}-in`, path.basename(page.id));
  const [found] = (await inspector
    .probe([{ ...sourceOf(page), ...(isCopy && { link: copy }) }], { measure: true, copy: isCopy })
    .catch((error) => {
      throw diskTrouble(error, copy);
    })) as [SourceProbe];
  if (!found.ok) return { by: 'failed', failure: unreadablePage(page, found) };
  return { by: 'ready', ready: await readied(run, found, { page, tray, ...(isCopy && { copy }) }) };
}

/** A page's copy that was made ahead, where its source is what it was then. */
async function takeStaged({ inspector, stage }: WarmContext, page: Page): Promise<StagedPage | undefined> {
  const staged = await stage?.take(page);
  if (!staged || (await stage?.hasLost(staged))) return undefined;
  const { found: known } = staged;
  const [now] = await inspector.probe([{ ...sourceOf(page), known }], { measure: true });
  if (now?.ok && hasSameTimes(now.source, known.source)) return staged;
  await stage?.remove(staged);
  return undefined;
}

async function readied(
  { links, recorder, translator, groupOf, costs }: WarmContext,
  { source: sighting, size, placingMs: copyMs }: GoodProbe,
  {
    page,
    tray,
    staged,
    copy = staged?.path,
  }: {
    readonly page: Page;
    readonly tray: string;
    readonly staged?: StagedPage;
    readonly copy?: string | undefined;
  },
): Promise<ReadyPage> {
  const isCopy = copy !== undefined;
  const { isTrial } = links;
  if (size) costs.sized(page.id, size.width * size.height);
  recorder.handOver(page, { sighting, isCopy, ...(staged?.content && { content: staged.content }) });
  const request = {
    id: page.id,
    input: copy ?? page.path,
    // Under its own name: a worker may put files beside it that are called after it.
    output: path.join(tray, path.basename(translator.outputName(page.id))),
    group: groupOf(page),
    ...size,
  };
  const onTrial = isTrial && isCopy ? await copyGiven(copy) : undefined;
  return { page, isCopy, onTrial, copyMs, staged, request };
}

/** A worker may leave anything where its copy was. */
export async function removeCopy(
  { stage }: Pick<WarmContext, 'stage'>,
  { isCopy, staged, request }: ReadyPage,
): Promise<void> {
  if (staged) await stage?.remove(staged);
  else if (isCopy) await rm(path.dirname(request.input), { recursive: true, force: true });
}

/** As `removeCopy`, of a page that no worker has had: a copy that was made ahead waits for it. */
export async function keepCopy(run: Pick<WarmContext, 'stage'>, ready: ReadyPage): Promise<void> {
  if (ready.staged) run.stage?.putBack(ready.staged);
  else await removeCopy(run, ready);
}
