/** Natural logarithm of the gamma function for x > 0, to about twelve digits: Stirling's series from 10 on. */
export function logGamma(x: number): number {
  let shift = 0;
  let at = x;
  // Gamma(x + 1) = x Gamma(x) carries small x to where the series holds.
  for (; at < 10; at++) shift += Math.log(at);
  const series = 1 / (12 * at) - 1 / (360 * at ** 3) + 1 / (1260 * at ** 5) - 1 / (1680 * at ** 7);
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
