import type { WorkerEnd } from './worker-end.ts';

/** A worker took longer than it may. */
export interface TookTooLong {
  readonly by: 'start-timeout' | 'page-timeout';
}

/** Why a worker is stopped: the reasons of its own kind, and what every worker may be stopped for. */
export type StopReason<Own> = Own | TookTooLong | { readonly by: 'kill' };

/** A worker whose process is there. */
type LiveState<Own> =
  | { readonly is: 'running' }
  /** It takes nothing new, and ends after what it has in hand. */
  | { readonly is: 'draining' }
  /** It was signalled: `asked` by SIGTERM, `forced` by SIGKILL. */
  | { readonly is: 'stopping'; readonly reason: StopReason<Own>; readonly step: 'asked' | 'forced' };

/** Where a worker is between its start and its end. */
export type SupervisorState<Own> =
  | LiveState<Own>
  /** Its process is reaped, its last output is still being read. */
  | { readonly is: 'exited'; readonly before: LiveState<Own> }
  | { readonly is: 'gone'; readonly before: LiveState<Own>; readonly end: WorkerEnd };

/** What a worker was, or was doing, when its process was last there. */
export function liveOf<Own>(state: SupervisorState<Own>): LiveState<Own> {
  switch (state.is) {
    case 'running':
    case 'draining':
    case 'stopping':
      return state;
    case 'exited':
    case 'gone':
      return state.before;
  }
}
