/** Slots' names stand there, and the charts' figures below them. */
export const LEFT_PIXELS = 84;
