import type { ComponentChildren } from 'preact';
import { agoText, gpsSecOfUnixMs, utcClock } from '../words/gps-time.js';
import { countText, percentText } from '../words/numbers.js';
import { ConnectionBadge } from './connection-badge.js';
import { useExplorer } from './explorer-context.js';

export function Header() {
  return (
    <header class="header">
      <a class="wordmark" href="/" aria-label="Glitchwatch, start page">
        <svg viewBox="0 0 32 20" width="32" height="20" aria-hidden="true">
          <path d="M1 11h6l2.4-4.5 3 9 4-14.5 3.6 16 2.6-6H31" />
        </svg>
        <span>Glitchwatch</span>
      </a>
      <ConnectionBadge />
      <Readouts />
      <Clocks />
    </header>
  );
}

function Readouts() {
  const { status, nowMs } = useExplorer();
  const known = status.value;
  if (known === undefined) return <div class="readouts" aria-busy="true" />;
  const { model } = known;
  return (
    <div class="readouts">
      <Readout name="Glitches" value={countText(known.nGlitches)} />
      <Readout name="Families" value={countText(known.nFamilies)} />
      <Readout
        name="Unassigned"
        value={known.nAssigned === 0 ? '–' : percentText(known.nUnassigned / known.nAssigned)}
      />
      <Readout name="Rate" value={countText(known.glitchesPerMinute)} unit="per min" />
      <Readout
        name="Model"
        value={model === null ? 'none yet' : `v${model.modelVersion}`}
        unit={model === null ? undefined : agoText(model.activatedAtMs, nowMs.value)}
      />
    </div>
  );
}

interface ReadoutProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly unit?: string | undefined;
}

function Readout({ name, value, unit }: ReadoutProps) {
  return (
    <div class="readout">
      <span class="readout-name">{name}</span>
      <span class="readout-value">
        {value}
        {unit === undefined ? null : <small>{unit}</small>}
      </span>
    </div>
  );
}

function Clocks() {
  const { nowMs } = useExplorer();
  return (
    <div class="clocks">
      <Readout name="UTC" value={utcClock(nowMs.value)} />
      <Readout name="GPS" value={gpsSecOfUnixMs(nowMs.value)} />
    </div>
  );
}
