/** A run was asked to stop before it had begun. Nothing is left behind then. */
export class StoppedEarly extends Error {
  override readonly name = 'StoppedEarly';
}

/** What the work gives; rejects with StoppedEarly as soon as the signal is aborted, however long the work still takes. */
export async function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = (): void => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => reject(new StoppedEarly());
  });
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([stopped, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The items until the signal is aborted: one that is waited for then is left, however long it takes. */
export async function* untilStopped<T>(signal: AbortSignal, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    for (;;) {
      const next = await unlessStopped(signal, items.next());
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    if (!(error instanceof StoppedEarly)) throw error;
  } finally {
    // It is not waited for: what hangs would hang here, too.
    void items.return(undefined).catch(() => {});
  }
}
