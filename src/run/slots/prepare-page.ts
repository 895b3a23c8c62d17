import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { PageFailure } from '../../dispatch/assignment.ts';
import { type Page, sourceOf } from '../../model/page.ts';
import type { SourceProbe } from '../../pages/inspector.ts';
import { diskTrouble } from '../../store/outputs/disk-errors.ts';
import { copyGiven } from './copy-given.ts';
import { unreadablePage } from './record-success.ts';
import type { ReadyPage, WarmContext } from './warm-context.ts';

/** A page that was looked at. */
export type PreparedPage =
  | { readonly by: 'ready'; readonly ready: ReadyPage }
  | { readonly by: 'failed'; readonly failure: PageFailure };

/**
 * Looks at a page and makes all ready for a worker that writes into `tray`.
 * @throws Refusal where the disk has no room for a copy
 */
export async function preparePage(run: WarmContext, page: Page, tray: string): Promise<PreparedPage> {
  const { inspector, links, recorder, translator, groupOf, costs } = run;
  // Nobody but this program reads archives: a page of one is unpacked for the worker.
  const { isTrial } = links;
  const isCopy = links.copies || isTrial || page.entry !== undefined;
  const copy = path.join(`${tray}-in`, path.basename(page.id));
  const [found] = (await inspector
    .probe([{ ...sourceOf(page), ...(isCopy && { link: copy }) }], { measure: true, copy: isCopy })
    .catch((error) => {
      throw diskTrouble(error, copy);
    })) as [SourceProbe];
  if (!found.ok) return { by: 'failed', failure: unreadablePage(page, found) };
  if (found.size) costs.sized(page.id, found.size.width * found.size.height);
  recorder.handOver(page, { sighting: found.source, isCopy });
  const request = {
    id: page.id,
    input: isCopy ? copy : page.path,
    // Under its own name: a worker may put files beside it that are called after it.
    output: path.join(tray, path.basename(translator.outputName(page.id))),
    group: groupOf(page),
    ...found.size,
  };
  const onTrial = isTrial ? await copyGiven(copy) : undefined;
  return { by: 'ready', ready: { page, isCopy, onTrial, request } };
}

/** A worker may leave anything where its copy was. */
export async function removeCopy({ isCopy, request }: ReadyPage): Promise<void> {
  if (isCopy) await rm(path.dirname(request.input), { recursive: true, force: true });
}
