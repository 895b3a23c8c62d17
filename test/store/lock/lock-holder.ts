import { takeLock } from '../../../src/store/lock/lock.ts';

// Takes the lock of the folder it is given, says so, and stays until it is killed.
await takeLock({ folder: process.argv[2] ?? '', run: 'child', onLost: () => undefined });
process.stdout.write('locked\n');
setInterval(() => undefined, 60_000);
