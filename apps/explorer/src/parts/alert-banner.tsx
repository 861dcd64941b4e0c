import { chooseAlert } from '../state/actions.js';
import { alertTitle } from '../words/alert-kind.js';
import { agoText } from '../words/gps-time.js';
import { useExplorer } from './explorer-context.js';
import { Picture } from './picture.js';

/** The newest open alert that concerns the present, where nobody can miss it. */
export function AlertBanner() {
  const explorer = useExplorer();
  const [alert, ...others] = explorer.urgentAlerts.value;
  const { selection } = explorer;
  if (alert === undefined || selection.value.alertId === alert.alertId) return null;
  const beside = selection.value.glitchId !== undefined || selection.value.familyId !== undefined;
  return (
    <section
      class={beside ? 'banner beside-panel' : 'banner'}
      aria-label="Open novelty alert"
      aria-live="polite"
    >
      <span class="banner-word">{alertTitle(alert)}</span>
      <span class="banner-pictures" aria-hidden="true">
        {alert.exemplars.slice(0, 3).map((glitchId) => (
          <Picture key={glitchId} glitchId={glitchId} size={32} alt="" />
        ))}
      </span>
      <span class="banner-text">
        <span>{alert.summary}</span>
        <small>since {agoText(alert.firstSeenMs, explorer.nowMs.value)}</small>
      </span>
      {others.length > 0 ? <span class="banner-more">and {others.length} more</span> : null}
      <button
        type="button"
        class="button strong"
        onClick={() => chooseAlert(explorer, alert.alertId)}
      >
        Look at it
      </button>
    </section>
  );
}
