import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that was started, or why it was not. */
export type Started =
  | { readonly child: ChildProcess }
  | { readonly child?: undefined; readonly failure: Promise<NodeJS.ErrnoException> };

/**
 * Starts a program without a shell. However it fails to start (no such file, arguments that are too long, no room for its
 * pipes), that is one answer: never an exception, and no event that nobody hears.
 */
export function startProgram(file: string, args: readonly string[], options: SpawnOptions): Started {
  try {
    const child = spawn(file, [...args], options);
    if (child.pid !== undefined) return { child };
    return { failure: once(child, 'error').then(([error]) => error) };
  } catch (error) {
    return { failure: Promise.resolve(error as NodeJS.ErrnoException) };
  }
}
