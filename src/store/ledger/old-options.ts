import type { Redactor } from '../../model/redact.ts';
import type { Ledgers } from './ledger.ts';
import { optionsHash } from './options-hash.ts';

/**
 * The ledgers as they would be read had their options always been redacted as they are now: what an earlier version left in
 * them is not shown, and pages made with a secret that is taken out since are not pages made with other options.
 */
export function withRedactedOptions(ledgers: Ledgers, redact: Redactor): Ledgers {
  const hashes = new Map<string, string>();
  const optionsByHash: Ledgers['optionsByHash'] = new Map();
  for (const [hash, options] of ledgers.optionsByHash) {
    const redacted = redact.options(options);
    const now = optionsHash(redacted);
    if (optionsHash(options) === hash && now !== hash) hashes.set(hash, now);
    optionsByHash.set(hashes.get(hash) ?? hash, redacted);
  }
  if (hashes.size > 0) {
    for (const [page, line] of ledgers.pages) {
      const options = hashes.get(line.options);
      if (options !== undefined) ledgers.pages.set(page, { ...line, options });
    }
  }
  const outputNames: Ledgers['outputNames'] = new Map();
  for (const [hash, line] of ledgers.outputNames) {
    const options = hashes.get(hash) ?? hash;
    outputNames.set(options, { ...line, options });
  }
  return { ...ledgers, optionsByHash, outputNames };
}
