import type { Alert, Drift, Range } from '../data/messages.js';
import { chooseFamily } from '../state/actions.js';
import { alertTitle, falseAlarmText } from '../words/alert-kind.js';
import { agoText, gpsText, unixMsOfGpsNs, utcText } from '../words/gps-time.js';
import {
  countText,
  detectorsText,
  durationText,
  frequencyText,
  measureText,
  pValueText,
} from '../words/numbers.js';
import { StateTag } from './alert-list.js';
import { useExplorer } from './explorer-context.js';
import { type Fact, Facts } from './facts.js';
import { Panel } from './panel.js';
import { FamilyTag } from './swatch.js';
import { Thumb } from './thumb.js';

export function AlertPanel({ alertId }: { readonly alertId: string }) {
  const { alerts } = useExplorer();
  const alert = alerts.value.find((candidate) => candidate.alertId === alertId);
  if (alert === undefined) {
    return (
      <Panel title="Novelty alert" label="Novelty alert">
        <p class="quiet">The gateway does not know this alert.</p>
      </Panel>
    );
  }
  return <KnownAlert alert={alert} />;
}

function KnownAlert({ alert }: { readonly alert: Alert }) {
  const { nowMs } = useExplorer();
  return (
    <Panel
      title={alertTitle(alert)}
      subtitle={
        <>
          <StateTag alert={alert} /> since {agoText(alert.firstSeenMs, nowMs.value)}
        </>
      }
      label="Novelty alert"
    >
      <p class="lead">{alert.summary}</p>
      {alert.historical ? (
        <p class="quiet">It came up while a backlog was caught up with.</p>
      ) : null}
      <ul class="thumbs three">
        {alert.exemplars.slice(0, 6).map((glitchId) => (
          <li key={glitchId}>
            <Thumb glitchId={glitchId} size={104} label={`Glitch ${glitchId.slice(0, 8)}`} />
          </li>
        ))}
      </ul>
      <Facts
        facts={
          alert.drift === null ? alertFacts(alert, nowMs.value) : driftFacts(alert, alert.drift)
        }
      />
      <NearestFamilies alert={alert} />
    </Panel>
  );
}

function driftFacts(alert: Alert, drift: Drift): Fact[] {
  const golden = { name: 'Golden glitches moved', value: drift.goldenMaxDistance.toPrecision(2) };
  if (drift.cause === 'embedder') return [golden];
  return [
    { name: 'Detector', value: drift.ifo },
    { name: 'Glitches compared', value: countText(drift.nRecent) },
    { name: 'MMD²', value: drift.mmd2.toPrecision(2) },
    { name: 'p', value: pValueText(drift.pValue) },
    golden,
    { name: 'Under', value: `model v${alert.modelVersion}` },
  ];
}

function alertFacts(alert: Alert, nowMs: number): Fact[] {
  const times: Fact[] = [];
  if (alert.sinceGpsNs !== null) {
    const gpsNs = BigInt(alert.sinceGpsNs);
    times.push(
      { name: 'First peak, UTC', value: utcText(unixMsOfGpsNs(gpsNs)), wide: true },
      { name: 'First peak, GPS', value: gpsText(gpsNs), wide: true },
    );
  }
  return [
    { name: 'Glitches', value: countText(alert.count) },
    { name: 'Rate', value: measureText(alert.ratePerHour, 'per h') },
    ...(alert.familyId === null
      ? []
      : [
          { name: 'Family', value: String(alert.familyId) },
          { name: 'Usual rate', value: measureText(alert.expectedPerHour, 'per h') },
        ]),
    { name: 'False alarms', value: falseAlarmText(alert.falseAlarmsPerDay), wide: true },
    ...times,
    { name: 'Peak frequency', value: rangeText(alert.peakFrequencyHz, frequencyText), wide: true },
    { name: 'SNR', value: rangeText(alert.snr, (v) => measureText(v, '')), wide: true },
    { name: 'Duration', value: rangeText(alert.durationSec, durationText), wide: true },
    { name: 'Detectors', value: detectorsText(alert.byIfo), wide: true },
    { name: 'Last seen', value: agoText(alert.lastSeenMs, nowMs) },
    { name: 'Found by', value: `model v${alert.modelVersion}` },
  ];
}

function NearestFamilies({ alert }: { readonly alert: Alert }) {
  const explorer = useExplorer();
  const resolved = alert.resolvedFamilyId;
  return (
    <section>
      {resolved === null ? null : (
        <button type="button" class="button" onClick={() => chooseFamily(explorer, resolved)}>
          Became <FamilyTag familyId={resolved} />
        </button>
      )}
      {alert.nearestFamilies.length === 0 ? null : <h3>Nearest families</h3>}
      <ul class="nearest">
        {alert.nearestFamilies.map(({ familyId, distance }) => (
          <li key={familyId}>
            <button type="button" onClick={() => chooseFamily(explorer, familyId)}>
              <FamilyTag familyId={familyId} />
              <span>distance {distance.toFixed(3)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function rangeText(range: Range | null, text: (value: number) => string): string {
  if (range === null) return '–';
  return `${text(range.median)}  (${text(range.min)} to ${text(range.max)})`;
}
