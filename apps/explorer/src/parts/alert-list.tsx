import type { Alert } from '../data/messages.js';
import { chooseAlert } from '../state/actions.js';
import { alertTitle } from '../words/alert-kind.js';
import { agoText } from '../words/gps-time.js';
import { useExplorer } from './explorer-context.js';
import { Picture } from './picture.js';

const MAX_SHOWN = 12;

export function AlertList() {
  const { alerts, openAlerts } = useExplorer();
  const open = openAlerts.value.length;
  return (
    <section class="alerts" aria-label="Novelty alerts">
      <h2 class="section-title">
        Novelty alerts
        <span class={open > 0 ? 'count attention' : 'count'}>{open} open</span>
      </h2>
      {alerts.value.length === 0 ? (
        <p class="quiet">Nothing new so far. Alerts appear here when unknown glitches gather.</p>
      ) : (
        <ul>
          {alerts.value.slice(0, MAX_SHOWN).map((alert) => (
            <AlertRow key={alert.alertId} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

function AlertRow({ alert }: { readonly alert: Alert }) {
  const explorer = useExplorer();
  const chosen = explorer.selection.value.alertId === alert.alertId;
  return (
    <li>
      <button
        type="button"
        class={`alert-row ${alert.open ? 'open' : 'closed'}`}
        aria-pressed={chosen}
        onClick={() => chooseAlert(explorer, alert.alertId)}
      >
        <span class="row-pictures">
          {alert.exemplars.slice(0, alert.open ? 3 : 1).map((glitchId) => (
            <Picture key={glitchId} glitchId={glitchId} size={alert.open ? 48 : 34} alt="" />
          ))}
        </span>
        <span class="alert-words">
          <span class="alert-meta">
            <StateTag alert={alert} />
            {alertTitle(alert)} since {agoText(alert.firstSeenMs, explorer.nowMs.value)}
          </span>
          <span class="alert-summary">{alert.summary}</span>
        </span>
      </button>
    </li>
  );
}

export function StateTag({ alert }: { readonly alert: Alert }) {
  return (
    <span class={`state-tag ${alert.open ? 'open' : alert.state}`}>
      {alert.open ? 'open' : alert.state}
      {alert.historical ? ', historical' : ''}
    </span>
  );
}
