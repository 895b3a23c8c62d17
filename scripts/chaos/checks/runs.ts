import type { Launcher } from '../launcher.ts';
import type { ReportRead } from '../read-report.ts';
import type { Scene } from '../scene.ts';
import type { Violation } from '../violation.ts';

/** What a run may end with when it is asked to stop. */
const BY_SIGNAL = { SIGINT: 130, SIGTERM: 143 } as const;

/** Every exit code is true, whatever was done to the run; and that of the last one says how the pages stand. */
export function checkRuns(scene: Scene, last: readonly Launcher[], { lines }: ReportRead): Violation[] {
  const wrong: string[] = [];
  for (const launcher of scene.launchers) {
    const trouble = [...troubleOf(launcher), ...bugIn(launcher)];
    for (const text of trouble) wrong.push(`process ${launcher.pid}: ${text}`);
  }
  const failed = scene.book.present.filter((id) => {
    const outcome = lines.get(id)?.outcome;
    return outcome === 'failed' || outcome === 'untranslated';
  });
  const codes = last.map(({ end }) => (end && 'code' in end ? end.code : end?.signal));
  const expected = failed.length > 0 ? 1 : 0;
  if (codes.some((code) => code !== 0 && code !== 1) || Math.max(...codes.map(Number)) !== expected) {
    const why = last.map(({ stderr }) => stderr.trim().split('\n').slice(-3).join(' / ')).join(' | ');
    wrong.push(
      `the last run ended with ${codes.join(' and ')}, and ${failed.length} pages failed (${failed.slice(0, 3).join(', ')}): ${why}`,
    );
  }
  return wrong.map((text) => ({ check: 'exit', text }));
}

function troubleOf({ end, signals, setup, events, stderr }: Launcher): string[] {
  if (end === undefined) return ['it never ended'];
  if ('signal' in end) {
    const isExpected = end.signal === 'SIGKILL' && (signals.has('SIGKILL') || setup.mayBeKilled);
    // Before the run has begun a signal ends it as any program.
    const isEarly = signals.has(end.signal) && !events.some(({ type }) => type === 'worker-started');
    return isExpected || isEarly ? [] : [`it was ended by ${end.signal}`];
  }
  const { code } = end;
  const finished = events.findLast((event) => event.type === 'run-finished');
  if (finished && finished.exitCode !== code)
    return [`exit code ${code}, and it told of ${finished.exitCode}`];
  switch (code) {
    case 0:
    case 1: {
      if (!finished) return [`exit code ${code} without an end told`];
      const { counts } = finished;
      const bad = counts.failed + counts.untranslated;
      if (counts.left > 0) return [`exit code ${code} with ${counts.left} pages left`];
      if (bad > 0 !== (code === 1)) return [`exit code ${code} with ${bad} pages that failed`];
      return [];
    }
    case 3:
      return finished || stderr.includes('error: ') ? [] : [`exit code 3 without a reason: ${stderr}`];
    case 2:
      return setup.isRefusedCalls && stderr.includes('error: ') ? [] : [`exit code 2: ${stderr}`];
    default:
      return (signals.has('SIGINT') && code === BY_SIGNAL.SIGINT) ||
        (signals.has('SIGTERM') && code === BY_SIGNAL.SIGTERM)
        ? []
        : [`exit code ${code}: ${stderr.slice(-300)}`];
  }
}

/** Words that no user should ever read. */
function bugIn({ stderr, stdout }: Launcher): string[] {
  const found = /.*(?:this is a bug|\n {4}at |Assertion|UnhandledPromise|\w*Warning: |FATAL ERROR).*/.exec(
    stderr,
  );
  const told = /"text":"[^"]*this is a bug[^"]*"|"message":"[^"]*this is a bug[^"]*"/.exec(stdout);
  return [...(found ? [`on stderr: ${stderr.slice(0, 600)}`] : []), ...(told ? [told[0]] : [])];
}
