import { Glitch, GridEncoding, SignalKind, type Trigger } from '@glitchwatch/proto';
import { type KnownEvent, knownEventAt } from '../known-events.js';
import type { Scan } from './scan-messages.js';

/** A trigger that a search of strain found. */
export function triggerOfFound(scan: Scan, ifo: string): Partial<Trigger> {
  const { gpsNs, channel, found, peak } = scan;
  const { snr, frequencyHz, q, durationSec, bandwidthHz, centralFrequencyHz } = found ?? {
    ...peak,
    durationSec: undefined,
    bandwidthHz: undefined,
    centralFrequencyHz: undefined,
  };
  return {
    ifo,
    channel,
    peakGpsNs: gpsNs,
    source: 'strain',
    snr,
    peakFrequencyHz: frequencyHz,
    centralFrequencyHz,
    bandwidthHz,
    durationSec,
    extra: { q: q.toFixed(3) },
  };
}

/** The trigger with what its strain says of it, and its windows. */
export function glitchOfScan(
  trigger: Partial<Trigger>,
  scan: Scan,
  events: readonly KnownEvent[],
): Glitch {
  const { gpsNs, quality, windows, file, peak } = scan;
  const encoding = GridEncoding.GRID_ENCODING_DELTA_DEFLATE;
  return Glitch.fromPartial({
    trigger: {
      ...trigger,
      snr: trigger.snr ?? peak.snr,
      peakFrequencyHz: trigger.peakFrequencyHz ?? peak.frequencyHz,
      ...signalOf(gpsNs, quality?.injections ?? [], events),
      dataQuality: quality?.dataQuality,
    },
    windows: windows.map(({ windowSec, nFrequency, nTime, data }) => ({
      windowSec,
      nFrequency,
      nTime,
      encoding,
      data: Buffer.from(data),
      origin: file,
    })),
  });
}

/** An injection goes before an event: a blind one may be in a catalogue. */
function signalOf(
  gpsNs: bigint,
  injections: readonly string[],
  events: readonly KnownEvent[],
): Pick<Trigger, 'signal' | 'signalName'> {
  if (injections.length > 0) {
    return {
      signal: SignalKind.SIGNAL_KIND_HARDWARE_INJECTION,
      signalName: injections.join(' '),
    };
  }
  const event = knownEventAt(gpsNs, events);
  return event === undefined
    ? { signal: SignalKind.SIGNAL_KIND_UNSPECIFIED, signalName: '' }
    : { signal: SignalKind.SIGNAL_KIND_KNOWN_EVENT, signalName: event.name };
}
