import type { Reporter, ReporterSetting } from './reporter.ts';

export const REPORTERS = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ReporterName = (typeof REPORTERS)[number];

/**
 * The reporter that was asked for; `auto` is `tty` where stderr is a terminal that can move its cursor and nobody
 * records it (CI), else `plain`. Only the chosen one is loaded.
 */
export async function chooseReporter(setting: ReporterSetting & { wanted: ReporterName }): Promise<Reporter> {
  switch (reporterFor(setting)) {
    case 'tty': {
      const { TtyReporter } = await import('./tty.ts');
      return new TtyReporter(setting);
    }
    case 'plain': {
      const { PlainReporter } = await import('./plain.ts');
      return new PlainReporter(setting);
    }
    case 'json': {
      const { JsonReporter } = await import('./json.ts');
      return new JsonReporter(setting);
    }
    case 'none':
      return { report: () => {}, finish: () => {} };
  }
}

/** Which reporter `auto` means here; any other is meant as it stands. */
export function reporterFor({
  wanted,
  stderr,
  env,
}: Pick<ReporterSetting, 'stderr' | 'env'> & { wanted: ReporterName }): Exclude<ReporterName, 'auto'> {
  if (wanted !== 'auto') return wanted;
  const ci = env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0';
  // A terminal that does not know its size (0 columns, in some containers) can't be drawn on.
  const drawable = stderr.isTTY === true && stderr.columns !== 0 && env.TERM !== 'dumb';
  return drawable && !ci ? 'tty' : 'plain';
}
