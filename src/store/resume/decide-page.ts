import { isGood } from '../../model/outcome.ts';
import type { SourceStamp } from '../../model/page.ts';
import type { LedgerLine } from '../ledger/ledger-line.ts';

/** What is known of a page before it is decided whether it needs doing. What isn't known yet is left out. */
export interface Evidence {
  /** Its last line in any ledger. */
  readonly line?: LedgerLine | undefined;
  /** Null: not there. */
  readonly source?: SourceStamp | null;
  /** Size of the recorded output; for a page without a line, of the file that stands in its place. Null: not there. */
  readonly outputBytes?: number | null;
  /** The source's CRC-32 is the recorded one. */
  readonly sameContent?: boolean;
  /** The output passed the check of its format. */
  readonly outputWhole?: boolean;
  readonly overwrite?: 'all' | 'changed' | undefined;
  /** ISO time since when `--overwrite all` has been going on, over interruptions: what was made since is not made again. */
  readonly overwriteSince?: string | undefined;
  /** Of this run's options. */
  readonly optionsHash: string;
  /** The demo made it, and this run's translator is another one. */
  readonly isOfDemo?: boolean;
}

/** Why a page is done again, or for the first time. */
export type Because =
  | 'new'
  | 'overwrite'
  | 'not-good'
  | 'other-options'
  | 'made-by-demo'
  | 'source-changed'
  | 'output-missing'
  | 'output-cut';

/** What to do with a page, or what to look at before that can be said. */
type Verdict =
  | { readonly verdict: 'look'; readonly at: 'source' | 'output' | 'content' | 'wholeness' }
  | { readonly verdict: 'do'; readonly because: Because }
  | {
      readonly verdict: 'skip';
      /** Made with other options, and kept. */
      readonly otherOptions: boolean;
      /** Its output has another size than recorded, and is whole. */
      readonly touchedUp: boolean;
      /** Its source has another time than recorded, and the same content. */
      readonly otherTime: boolean;
    }
  | { readonly verdict: 'adopt' };

/** Decides with the evidence there is, and asks for the next piece where it isn't enough: the cheap ones first. */
export function decidePage(evidence: Evidence): Verdict {
  const { line, overwrite, optionsHash } = evidence;
  if (overwrite === 'all' && !isMadeSince(evidence)) return doIt('overwrite');
  if (line === undefined) return judgeUnknown(evidence);
  if (!isGood(line.outcome)) return doIt('not-good');
  const otherOptions = line.options !== optionsHash;
  if (otherOptions && overwrite === 'changed') return doIt('other-options');

  const { source, sameContent } = evidence;
  if (source === undefined) return look('source');
  if (source === null || line.source === null || source.bytes !== line.source.bytes) {
    return doIt('source-changed');
  }
  const otherTime = source.mtimeMs !== line.source.mtimeMs;
  const output = judgeOutput(line, evidence);
  // What stands there in its place since may be a translation.
  if (output.verdict === 'skip' && !output.touchedUp && evidence.isOfDemo) return doIt('made-by-demo');
  if (output.verdict === 'do' || !otherTime)
    return output.verdict === 'skip' ? { ...output, otherOptions } : output;
  if (sameContent === undefined) return look('content');
  if (!sameContent) return doIt('source-changed');
  return output.verdict === 'skip' ? { ...output, otherOptions, otherTime } : output;
}

function isMadeSince({ line, overwriteSince, optionsHash }: Evidence): boolean {
  if (line === undefined || overwriteSince === undefined || line.adopted) return false;
  const isOurs = isGood(line.outcome) && line.options === optionsHash;
  return isOurs && Date.parse(line.time) >= Date.parse(overwriteSince);
}

function judgeOutput({ output }: LedgerLine, { outputBytes, outputWhole }: Evidence): Verdict {
  if (output === null) return SKIP;
  if (outputBytes === undefined) return look('output');
  if (outputBytes === null) return doIt('output-missing');
  if (outputBytes === output.bytes) return SKIP;
  if (outputWhole === undefined) return look('wholeness');
  return outputWhole ? { ...SKIP, touchedUp: true } : doIt('output-cut');
}

function judgeUnknown({ outputBytes, outputWhole }: Evidence): Verdict {
  if (outputBytes === undefined) return look('output');
  if (outputBytes === null) return doIt('new');
  if (outputWhole === undefined) return look('wholeness');
  return outputWhole ? { verdict: 'adopt' } : doIt('output-cut');
}

const SKIP = { verdict: 'skip', otherOptions: false, touchedUp: false, otherTime: false } as const;
const doIt = (because: Because): Verdict => ({ verdict: 'do', because });
const look = (at: 'source' | 'output' | 'content' | 'wholeness'): Verdict => ({ verdict: 'look', at });
