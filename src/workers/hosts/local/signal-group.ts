/** Signals a whole process group; one that is gone already is no error. One that is stopped gets SIGTERM too. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
    // Else a stopped process would keep the signal until it goes on, and be killed without it.
    if (signal === 'SIGTERM') process.kill(-group, 'SIGCONT');
  } catch (error) {
    // EPERM: macOS says so of a group whose last member is not reaped yet.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
