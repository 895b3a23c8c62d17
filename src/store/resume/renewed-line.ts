import type { SourceStamp } from '../../model/page.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';
import type { FoundElsewhere } from './find-elsewhere.ts';

/** What was found of a page that is done. */
interface FoundPage {
  readonly line: LedgerLine | undefined;
  readonly source?: SourceStamp | null | undefined;
  readonly elsewhere?: FoundElsewhere | undefined;
}

/** The line of a page that is done, where its source has another time by now, or its output another place; else undefined. */
export function renewedLine(
  { line, source, elsewhere }: FoundPage,
  { otherTime }: { readonly otherTime: boolean },
): LedgerLine | undefined {
  const moved = elsewhere?.name === line?.output?.path ? undefined : elsewhere;
  if (!line || (!otherTime && !moved)) return undefined;
  return {
    ...line,
    ...(otherTime && line.source && source && { source: { ...line.source, mtimeMs: source.mtimeMs } }),
    ...(moved && { output: { path: moved.name, bytes: moved.output.bytes } }),
  };
}
