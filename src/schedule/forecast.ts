import type { Page } from '../model/page.ts';
import type { StrategyName } from '../model/run-options.ts';
import type { Slot, SlotId } from '../model/slot.ts';
import type { Costs } from './costs.ts';
import { makeSchedule } from './make-schedule.ts';
import { type InHand, type Share, type SimulateRequest, simulate } from './simulate.ts';
import type { Deal, Schedule } from './strategy.ts';

/** How slots take pages, for a forecast. */
export interface Taking extends Pick<SimulateRequest, 'pageByPage' | 'loadsInTurn'> {
  readonly slots: readonly Slot[];
  readonly costs: Costs;
}

/** Warm workers stay loaded, take page by page, and load one after another on a device. */
export const takingOf = (kind: 'warm' | 'one-shot'): Pick<Taking, 'pageByPage' | 'loadsInTurn'> => ({
  pageByPage: kind === 'warm',
  loadsInTurn: kind === 'warm',
});

/** What is to be foreseen from the beginning. */
export interface ForecastRequest extends Taking, Pick<Deal, 'order' | 'groupOf' | 'batches'> {
  readonly strategy: StrategyName;
  readonly pages: readonly Page[];
  /** Pages that cost nothing, as no worker gets them. */
  readonly isNobodys?: (page: Page) => boolean;
}

/** What each slot will do with pages that nobody has begun, by what is known of their costs. */
export function forecast(request: ForecastRequest): Share[] {
  const { strategy, pages, slots, costs, pageByPage, order, groupOf, batches } = request;
  const playing = costs.copy();
  const deal = {
    pages,
    slots,
    costs: playing,
    batches,
    pageByPage,
    ...(order && { order }),
    ...(groupOf && { groupOf }),
  };
  return played(makeSchedule(strategy, deal), request);
}

/** What each slot will do with the rest of a schedule that is at work, and what it has in hand. */
export const forecastRest = (
  schedule: Schedule,
  taking: Taking & { readonly inHand: ReadonlyMap<SlotId, InHand> },
): Share[] => played(schedule.copy(taking.costs.copy()), taking);

function played(
  schedule: Schedule,
  {
    slots,
    costs,
    isNobodys = () => false,
    ...taking
  }: Taking & Pick<ForecastRequest, 'isNobodys'> & { readonly inHand?: ReadonlyMap<SlotId, InHand> },
): Share[] {
  const { pageByPage, loadsInTurn = false, inHand } = taking;
  const seconds = new Map(slots.map(({ id }) => [id, costs.secondsOn(id)]));
  return simulate({
    schedule,
    slots,
    pageByPage,
    loadsInTurn,
    ...(inHand && { inHand }),
    costOf: (page, { id }) => (isNobodys(page) ? 0 : (seconds.get(id) ?? costs.of)(page.id)),
    loadSeconds: ({ id }) => costs.loadSecondsOn(id) ?? 0,
  });
}

/** Seconds until the last of them has done its last page. */
export const secondsOf = (shares: readonly Share[]): number =>
  Math.max(0, ...shares.map(({ seconds }) => seconds));

/** Pages that are begun before that many seconds: one that is at work then is finished. */
export const pagesBegunBy = (shares: readonly Share[], seconds: number): number =>
  shares.reduce((sum, { begins }) => sum + begins.filter((at) => at < seconds).length, 0);
