/** What a report is called until it is whole: always the same, so that the next run finds what a killed one left. */
export const unfinishedReport = (file: string): string => `${file}.part`;
