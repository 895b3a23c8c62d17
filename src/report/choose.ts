import type { Reporter, ReporterSetting } from './reporter.ts';

export const REPORTERS = ['auto', 'tty', 'plain', 'json', 'none'] as const;
export type ReporterName = (typeof REPORTERS)[number];

/**
 * The reporter that was asked for; `auto` is `tty` where stderr is a terminal that can move its cursor and nobody
 * records it (CI, a notebook), else `plain`. Only the chosen one is loaded.
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
      return { report: () => {}, finish: () => {}, abandon: () => {} };
  }
}

/** Which reporter `auto` means here; any other is meant as it stands. */
export function reporterFor({
  wanted,
  stderr,
  env,
}: Pick<ReporterSetting, 'stderr' | 'env'> & { wanted: ReporterName }): Exclude<ReporterName, 'auto'> {
  if (wanted !== 'auto') return wanted;
  // A terminal that does not know its size (0 columns, in some containers) can't be drawn on.
  const drawable = stderr.isTTY === true && stderr.columns !== 0 && env.TERM !== 'dumb';
  return drawable && !isCi(env) && !isNotebook(env) ? 'tty' : 'plain';
}

type Env = ReporterSetting['env'];

const isCi = ({ CI = '' }: Env): boolean => CI !== '' && CI !== 'false' && CI !== '0';

/** Each is set for the commands of a notebook's cells: by Jupyter for its kernels, by Colab, Kaggle and Databricks. */
const NOTEBOOK_VARIABLES = [
  'JPY_PARENT_PID',
  'COLAB_RELEASE_TAG',
  'COLAB_GPU',
  'KAGGLE_KERNEL_RUN_TYPE',
  'DATABRICKS_RUNTIME_VERSION',
];
/** What ipykernel sets for plots, whoever started it: VS Code starts kernels without Jupyter. */
const INLINE_PLOTS = /^module:\/\/(?:matplotlib_inline|ipykernel)\b/;

/** True in a notebook's cell: its terminal takes every redraw of a bar into the notebook. */
const isNotebook = (env: Env): boolean =>
  NOTEBOOK_VARIABLES.some((name) => (env[name] ?? '') !== '') || INLINE_PLOTS.test(env.MPLBACKEND ?? '');
