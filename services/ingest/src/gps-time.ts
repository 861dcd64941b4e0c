/** GPS times are whole nanoseconds since 1980-01-06 in a signed 64-bit integer. */
export const MAX_GPS_NS = 2n ** 63n - 1n;

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const NS_PER_SEC_POWER = 9;

/**
 * Exact decimal text times 10^power as an integer; digits beyond are rounded half
 * away from zero. Undefined where the text is not a decimal number.
 *
 * Example: ("1163421591.62109", 9) -> 1163421591621090000n.
 */
export function decimalTimesPowerOfTen(text: string, power: number): bigint | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = BigInt(whole + fraction);
  const scale = Number(exponent) - fraction.length + power;
  const magnitude =
    scale >= 0 ? digits * 10n ** BigInt(scale) : divideRounded(digits, 10n ** BigInt(-scale));
  return sign === '-' ? -magnitude : magnitude;
}

function divideRounded(dividend: bigint, divisor: bigint): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** Decimal GPS seconds -> ns; undefined where malformed or out of range. */
export function parseGpsSeconds(text: string): bigint | undefined {
  return inRange(decimalTimesPowerOfTen(text, NS_PER_SEC_POWER));
}

/**
 * Whole seconds and nanoseconds in columns of their own -> ns. Tables that went
 * through floats say "931639909.0"; a fraction other than zero is refused, for
 * then the two columns would count the same time twice.
 */
export function parseGpsParts(secondsText: string, nanosecondsText: string): bigint | undefined {
  const seconds = wholeNumber(secondsText);
  const nanoseconds = wholeNumber(nanosecondsText);
  if (seconds === undefined || nanoseconds === undefined) return undefined;
  if (nanoseconds < 0n || nanoseconds >= 1_000_000_000n) return undefined;
  return inRange(seconds * 1_000_000_000n + nanoseconds);
}

function wholeNumber(text: string): bigint | undefined {
  const fine = decimalTimesPowerOfTen(text, NS_PER_SEC_POWER);
  if (fine === undefined || fine % 1_000_000_000n !== 0n) return undefined;
  return fine / 1_000_000_000n;
}

function inRange(ns: bigint | undefined): bigint | undefined {
  return ns !== undefined && ns >= 0n && ns <= MAX_GPS_NS ? ns : undefined;
}
