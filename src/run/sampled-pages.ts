import { folderOf, type Page } from '../model/page.ts';
import type { RunOptions } from '../model/run-options.ts';
import type { Inspector } from '../pages/inspector.ts';
import { round3 } from '../report/format.ts';
import type { Costs } from '../schedule/costs.ts';
import { forecast, secondsOf, takingOf } from '../schedule/forecast.ts';
import type { SortedChunk } from '../store/resume/sort-pages.ts';
import { batchesOf } from '../translators/translator.ts';
import { chooseSample } from './choose-sample.ts';
import { measurePages } from './measure-pages.ts';
import type { ResolvedRun } from './resolve-run.ts';
import type { RunEvents } from './run-events.ts';

interface SampleSetup {
  readonly count: number;
  readonly costs: Costs;
  readonly inspector: Inspector;
}

/** The pages of a run with `--sample`: some from all over those that are to do. The others are the rest. */
export class SampledPages {
  readonly #setup: SampleSetup;
  /** Pages to do that are not in the sample; empty until all are found. */
  rest: readonly Page[] = [];

  constructor(setup: SampleSetup) {
    this.#setup = setup;
  }

  /** The chunks with the sample alone to do. Pages that fail whatever is done with them are for the run proper. */
  async *of(chunks: AsyncIterable<SortedChunk>): AsyncGenerator<SortedChunk> {
    const { count, costs, inspector } = this.#setup;
    const found: SortedChunk[] = [];
    for await (const chunk of chunks) found.push(chunk);
    const todo = found.flatMap((chunk) => chunk.todo);
    await measurePages(
      todo.filter(({ entry }) => entry === undefined),
      { costs, inspector },
    );
    const sizeOf = ({ id }: Page): number => costs.pixelsOf(id) ?? 0;
    const chosen = new Set(chooseSample(todo, { count, sizeOf }));
    this.rest = todo.filter((page) => !chosen.has(page));
    for (const chunk of found) {
      const kept = [...chunk.todo.keys()].filter((at) => {
        const page = chunk.todo[at];
        return page !== undefined && chosen.has(page);
      });
      yield {
        ...chunk,
        todo: kept.flatMap((at) => chunk.todo[at] ?? []),
        because: kept.flatMap((at) => chunk.because[at] ?? []),
        unreadable: [],
        collisions: [],
      };
    }
  }

  /** Tells how long the rest will take, by what the sample has shown; nothing where it has shown nothing. */
  tellRest(
    events: Pick<RunEvents, 'emit'>,
    { resolved, options }: { resolved: ResolvedRun; options: RunOptions },
  ): void {
    const { costs } = this.#setup;
    const { translator, slots, strategy, byFolder } = resolved;
    if (this.rest.length === 0 || costs.timed === 0) return;
    costs.allSized();
    const shares = forecast({
      ...{ strategy, pages: this.rest, slots, costs, order: options.order },
      ...takingOf(translator.kind),
      ...(byFolder && { groupOf: folderOf }),
      batches: translator.kind === 'one-shot' ? batchesOf(translator) : undefined,
    });
    events.emit({
      type: 'forecast',
      secondsLeft: round3(secondsOf(shares)),
      pagesLeft: this.rest.length,
      by: 'rest',
    });
  }
}
