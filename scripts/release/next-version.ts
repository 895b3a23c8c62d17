const VERSION = /^(?:0|[1-9]\d{0,5})\.(?:0|[1-9]\d{0,5})\.(?:0|[1-9]\d{0,5})$/;

/** What is wrong with the version that a release is to have; undefined where nothing is. The present one is fine, too. */
export function versionTrouble(wanted: string, present: string): string | undefined {
  if (!VERSION.test(wanted)) return `${JSON.stringify(wanted)} is no version: three numbers, as 1.2.3`;
  return compared(wanted, present) < 0 ? `${wanted} comes before ${present}, the present version` : undefined;
}

function compared(a: string, b: string): number {
  const [ours, theirs] = [a, b].map((version) => version.split('.').map(Number));
  const differences = (ours ?? []).map((number, at) => number - (theirs?.[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** The text of a package.json or package-lock.json with another version of the package, in npm's own writing. */
export function withVersion(text: string, version: string): string {
  const content = { ...JSON.parse(text), version };
  const own = content.packages?.[''];
  if (own !== undefined) content.packages = { ...content.packages, '': { ...own, version } };
  return `${JSON.stringify(content, null, 2)}\n`;
}
