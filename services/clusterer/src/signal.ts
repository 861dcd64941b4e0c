import { SignalKind, type Trigger } from '@glitchwatch/proto';

/**
 * True for a hardware injection or a known event: it is placed on the map as any
 * other, but takes no part in a fit, belongs to no family and raises or joins no alert.
 */
export function isSignal({ signal }: Trigger): boolean {
  return signal !== SignalKind.SIGNAL_KIND_UNSPECIFIED;
}
