import type { Happening } from '../model/events.ts';
import type { Redactor } from '../model/redact.ts';

/**
 * What happened, without secrets in its words: what workers say came without any, but the launcher's own words may quote an option, a
 * tool or an old ledger.
 */
export function withoutSecrets(happening: Happening, { text }: Pick<Redactor, 'text'>): Happening {
  switch (happening.type) {
    case 'notice':
      return { ...happening, text: text(happening.text) };
    case 'slot-joined':
    case 'slot-retired':
    case 'packing-changed':
      return { ...happening, why: text(happening.why) };
    case 'service-waiting':
      return { ...happening, message: text(happening.message) };
    case 'gpu-benched':
      return { ...happening, reason: text(happening.reason) };
    case 'run-finished':
      return happening.message === undefined ? happening : { ...happening, message: text(happening.message) };
    default:
      return happening;
  }
}
