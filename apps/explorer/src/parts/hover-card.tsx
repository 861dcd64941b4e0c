import type { Glitch } from '../data/messages.js';
import { windowText } from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';
import { Facts } from './facts.js';
import { assignmentFacts, timeFacts, triggerFacts } from './glitch-facts.js';
import { Picture } from './picture.js';

const WIDTH_PX = 470;
const HEIGHT_PX = 290;
const GAP_PX = 18;
const usualWindows = [0.5, 1, 2, 4] as const;

/** The glitch under the pointer: its four windows and the facts. */
export function HoverCard() {
  const { hover, details } = useExplorer();
  const shown = hover.value;
  if (shown === undefined) return null;
  const detail = details.of(shown.glitchId).value;
  const glitch = detail.kind === 'known' ? detail.glitch : undefined;
  const { left, top } = placeCard(shown.clientX, shown.clientY);
  return (
    <aside
      class="hover-card"
      style={{ left: `${left}px`, top: `${top}px`, width: `${WIDTH_PX}px` }}
      key={shown.glitchId}
    >
      <div class="hover-pictures">
        {(glitch?.windows ?? usualWindows).map((windowSec) => (
          <span key={windowSec}>
            {glitch === undefined ? (
              <i class="picture-place" />
            ) : (
              <Picture glitchId={shown.glitchId} window={windowSec} size={106} />
            )}
            <small>{windowText(windowSec)}</small>
          </span>
        ))}
      </div>
      {glitch === undefined ? (
        <p class="hover-wait">
          {detail.kind === 'loading' ? 'Loading facts' : 'The gateway has no facts on this glitch'}
        </p>
      ) : (
        <HoverFacts glitch={glitch} />
      )}
    </aside>
  );
}

function HoverFacts({ glitch }: { readonly glitch: Glitch }) {
  const [family, probability, novelty] = assignmentFacts(glitch);
  const [snr, frequency] = triggerFacts(glitch);
  const facts = [
    ...timeFacts(glitch),
    family,
    { name: 'Detector', value: glitch.trigger.ifo },
    snr,
    frequency,
    probability,
    novelty,
  ];
  return <Facts facts={facts.filter((fact) => fact !== undefined)} />;
}

function placeCard(clientX: number, clientY: number): { left: number; top: number } {
  const right = clientX + GAP_PX + WIDTH_PX > window.innerWidth;
  const left = right ? clientX - GAP_PX - WIDTH_PX : clientX + GAP_PX;
  const top = Math.min(clientY + GAP_PX, window.innerHeight - HEIGHT_PX);
  return { left: Math.max(8, left), top: Math.max(8, top) };
}
