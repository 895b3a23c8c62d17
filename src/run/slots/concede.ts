import type { OneShotTranslator } from '../../translators/translator.ts';
import type { OneShotEnd } from '../../workers/one-shot-end.ts';
import type { OneShotContext } from './one-shot-context.ts';

/** Continues without an argument that the program refused. False where it refused none. */
export async function concede(
  run: OneShotContext,
  translator: OneShotTranslator,
  { end, lastLines }: OneShotEnd,
): Promise<boolean> {
  const concession = translator.afterRefusal(end.by === 'exit' ? end.code : null, lastLines);
  if (!concession) return false;
  if (run.translator.replace(translator, concession.translator)) {
    run.emit({ type: 'notice', level: 'warn', text: concession.notice });
    await run.refusal.note(translator);
  }
  return true;
}
