/** Seconds of strain that are whitened as one, as Gravity Spy takes them. */
export const BLOCK_SEC = 64;
