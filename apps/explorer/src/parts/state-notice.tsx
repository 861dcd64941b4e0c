import { agoText } from '../words/gps-time.js';
import { useExplorer } from './explorer-context.js';

/** One line under the header while what is shown is not of now. */
export function StateNotice() {
  const { connection, status, lastHeardMs, nowMs } = useExplorer();
  const heard = agoText(lastHeardMs.value, nowMs.value);
  if (connection.value === 'disconnected') {
    return (
      <p class="notice disconnected" role="alert">
        {status.value === undefined
          ? 'The gateway does not answer. Trying again every few seconds.'
          : `The gateway is away. What you see is as of ${heard}; missed events are fetched on return.`}
      </p>
    );
  }
  if (connection.value !== 'stale') return null;
  return (
    <p class="notice stale" role="status">
      {status.value?.caughtUp === false
        ? 'The gateway is still reading its log: counts and map are incomplete.'
        : `Nothing heard from the gateway since ${heard}. The map may be behind.`}
    </p>
  );
}
