import type { Connection } from '../state/connection.js';
import { agoText } from '../words/gps-time.js';
import { useExplorer } from './explorer-context.js';

const words: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  stale: 'Stale',
  disconnected: 'Disconnected',
};

/** Dot, word and what it means; announced when it changes. */
export function ConnectionBadge() {
  const { connection, status, nowMs } = useExplorer();
  const state = connection.value;
  const last = status.value?.lastGlitchAtMs ?? null;
  return (
    <div class={`badge ${state}`} role="status">
      <i aria-hidden="true" />
      <span>{words[state]}</span>
      {state === 'live' && last !== null ? (
        <small aria-hidden="true">last glitch {agoText(last, nowMs.value)}</small>
      ) : null}
    </div>
  );
}
