import { redactor } from '../../model/redact.ts';
import type { RunOptions } from '../../model/run-options.ts';
import { connectCluster, type RayCluster } from '../../workers/hosts/ray/ray-cluster.ts';

/** A cluster that is connected to while the rest of a run is looked at, and let go where that is refused. */
export function resolveCluster(
  options: RunOptions,
  {
    cwd,
    env,
    stop,
  }: {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    readonly stop?: AbortSignal | undefined;
  },
): { readonly connect: () => Promise<RayCluster>; readonly close: () => Promise<void> } {
  const over = new AbortController();
  const signal = stop ? AbortSignal.any([stop, over.signal]) : over.signal;
  let connecting: Promise<RayCluster> | undefined;
  return {
    connect: () => {
      connecting = connectCluster({
        engine: options.engine,
        python: options.rayPython,
        waits: options.gpuWaitMs > 0,
        ...{ cwd, env, stop: signal },
        redact: redactor(env).text,
      });
      return connecting;
    },
    close: async () => {
      over.abort();
      await connecting?.then(
        (cluster) => cluster.close(),
        () => {},
      );
    },
  };
}
