import type { PageOutcome, PageTable } from './page-table.ts';

/** Pages that failed for one reason, by what was said of them: the most frequent first. */
export interface FailureGroup {
  readonly reason: string;
  readonly count: number;
  readonly messages: readonly { readonly message: string; readonly pages: readonly number[] }[];
}

/** The pages of one outcome, by reason and message, the largest groups first. */
export function groupTrouble(pages: PageTable, outcome: PageOutcome): FailureGroup[] {
  const groups = new Map<string, Map<string, number[]>>();
  for (let at = 0; at < pages.length; at += 1) {
    if (pages.outcome(at) !== outcome) continue;
    const reason = pages.reason(at) ?? '';
    const messages = groups.get(reason) ?? new Map<string, number[]>();
    groups.set(reason, messages);
    const message = pages.message(at) ?? '';
    const list = messages.get(message) ?? [];
    messages.set(message, list);
    list.push(at);
  }
  return Array.from(groups, ([reason, messages]) => ({
    reason,
    count: [...messages.values()].reduce((sum, list) => sum + list.length, 0),
    messages: Array.from(messages, ([message, list]) => ({ message, pages: list })).sort(
      (one, other) => other.pages.length - one.pages.length,
    ),
  })).sort((one, other) => other.count - one.count);
}
