/** A path below a link, as an address: each name is percent-encoded, so that `#`, `?`, `%` and quotes mean themselves. */
export const addressBelow = (link: string, path: string): string =>
  link + path.split('/').map(encodedName).join('/');

const encodedName = (name: string): string => encodeURIComponent(name.replace(/[\ud800-\udfff]/gu, '\ufffd'));
