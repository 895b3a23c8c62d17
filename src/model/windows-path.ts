const DRIVE = /^([A-Za-z]):([\\/].*)?$/s;

/** `/mnt/c/scans` for `C:\scans`: where WSL has a Windows drive; undefined for what is no such path. */
export function wslPathOf(given: string): string | undefined {
  const [, drive, rest = ''] = DRIVE.exec(given) ?? [];
  return drive === undefined ? undefined : `/mnt/${drive.toLowerCase()}${rest.replaceAll('\\', '/')}`;
}

/** What to try where a path is not there and looks like one of Windows; undefined where it doesn't. */
export function windowsHint(given: string): string | undefined {
  const here = wslPathOf(given);
  if (here !== undefined) return `a Windows path: in WSL it is ${here}`;
  // A shell has taken the backslashes out.
  if (/^[A-Za-z]:[^\\/]/.test(given))
    return 'a Windows path? In WSL, drive C: is /mnt/c, with / between names';
  return given.startsWith('\\\\')
    ? 'a Windows network path: mount it first, then use its path here'
    : undefined;
}
