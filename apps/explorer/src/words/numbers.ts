const NARROW_SPACE = '\u202f';

/** "34 332": groups of three, so that long counts can be read. */
export function countText(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, NARROW_SPACE);
}

/** Three significant digits, no exponent for what people meet here. */
export function measureText(value: number | null | undefined, unit: string): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toFixed(digits).replace(/\.0+$/, '');
  return unit === '' ? text : `${text}${NARROW_SPACE}${unit}`;
}

export function frequencyText(hz: number | null | undefined): string {
  return measureText(hz, 'Hz');
}

/** Short times in ms. */
export function durationText(sec: number | null | undefined): string {
  if (sec === null || sec === undefined) return '–';
  return sec < 1 ? measureText(sec * 1000, 'ms') : measureText(sec, 's');
}

export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 1) return `<1${NARROW_SPACE}%`;
  return `${percent.toFixed(0)}${NARROW_SPACE}%`;
}

/** Small probabilities as "0.0021", smaller ones as "<0.0001". */
export function pValueText(p: number): string {
  if (!Number.isFinite(p)) return '–';
  if (p < 0.0001) return '<0.0001';
  return p < 0.1 ? p.toFixed(4).replace(/0+$/, '') : p.toFixed(2);
}

/** "0.5 s" */
export function windowText(windowSec: number): string {
  return `${windowSec}${NARROW_SPACE}s`;
}

/** "H1 412 · L1 388", largest first. */
export function detectorsText(byIfo: Readonly<Record<string, number>>): string {
  return Object.entries(byIfo)
    .sort((a, b) => b[1] - a[1])
    .map(([ifo, n]) => `${ifo || 'unknown'} ${countText(n)}`)
    .join(' · ');
}
