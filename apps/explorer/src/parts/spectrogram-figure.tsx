import type { ComponentChildren } from 'preact';
import { Picture } from './picture.js';

const LOW_HZ = 10;
const HIGH_HZ = 2048;
const frequencyTicks = [16, 64, 256, 1024] as const;
const timeTicks = [-0.5, -0.25, 0, 0.25, 0.5] as const;

export interface SpectrogramFigureProps {
  readonly glitchId: string;
  readonly windowSec: number;
  /** Edge of the picture in CSS pixels, axes apart. */
  readonly size: number;
  /** Laid over the picture. */
  readonly children?: ComponentChildren;
}

/** A spectrogram with its axes, in the page's own lettering. */
export function SpectrogramFigure({ glitchId, windowSec, size, children }: SpectrogramFigureProps) {
  return (
    <figure class="spectrogram-figure">
      <div class="frequency-axis" style={{ height: `${size}px` }}>
        {frequencyTicks.map((hz) => (
          <span key={hz} style={{ top: `${100 * frequencyPlace(hz)}%` }}>
            {hz}
          </span>
        ))}
        <em>Hz</em>
      </div>
      <div class="under-overlay">
        <Picture glitchId={glitchId} window={windowSec} size={size} />
        {children}
      </div>
      <div class="time-axis" style={{ width: `${size}px` }}>
        {timeTicks.map((share) => (
          <span key={share} style={{ left: `${100 * (share + 0.5)}%` }}>
            {share === 0 ? '0' : (share * windowSec).toString().replace('-', '\u2212')}
          </span>
        ))}
      </div>
      <figcaption class="energy-scale">
        <span>0</span>
        <i aria-hidden="true" />
        <span>25.5</span>
        <small>normalised energy, s around the peak</small>
      </figcaption>
    </figure>
  );
}

/** 0 at the top (2048 Hz), 1 at the bottom (10 Hz), logarithmic. */
export function frequencyPlace(hz: number): number {
  return 1 - Math.log(hz / LOW_HZ) / Math.log(HIGH_HZ / LOW_HZ);
}
