import { useState } from 'preact/hooks';
import type { Glitch, Neighbour } from '../data/messages.js';
import { chooseFamily, toggleExplained } from '../state/actions.js';
import { windowText } from '../words/numbers.js';
import { greatestTile } from '../words/tile-place.js';
import { ExplanationWords } from './explanation-words.js';
import { useExplorer } from './explorer-context.js';
import { Facts } from './facts.js';
import { assignmentFacts, timeFacts, triggerFacts } from './glitch-facts.js';
import { ImportanceOverlay } from './importance-overlay.js';
import { LabelForm } from './label-form.js';
import { Panel } from './panel.js';
import { SpectrogramFigure } from './spectrogram-figure.js';
import { FamilyTag } from './swatch.js';
import { Thumb } from './thumb.js';

const MAX_NEIGHBOURS = 8;

export function GlitchPanel({ glitchId }: { readonly glitchId: string }) {
  const { details } = useExplorer();
  const detail = details.of(glitchId).value;
  const short = `Glitch ${glitchId.slice(0, 8)}`;
  if (detail.kind !== 'known') {
    const words = {
      loading: 'Loading.',
      missing: 'The gateway does not know this glitch. It may have left the log.',
      failed: 'The gateway did not answer. Close and open again to retry.',
    } as const;
    return (
      <Panel title={short} label="Pinned glitch">
        <p class="quiet">{words[detail.kind]}</p>
      </Panel>
    );
  }
  return <KnownGlitch glitch={detail.glitch} title={short} />;
}

function KnownGlitch({ glitch, title }: { readonly glitch: Glitch; readonly title: string }) {
  const explorer = useExplorer();
  const { trigger, assignment } = glitch;
  return (
    <Panel
      title={title}
      subtitle={[trigger.ifo, labelOf(glitch)].filter((part) => part !== '').join(' · ')}
      label="Pinned glitch"
    >
      <Windows glitch={glitch} />
      <Facts facts={[...timeFacts(glitch), ...assignmentFacts(glitch), ...triggerFacts(glitch)]} />
      {assignment !== null && assignment.familyId >= 0 ? (
        <button
          type="button"
          class="button"
          onClick={() => chooseFamily(explorer, assignment.familyId)}
        >
          Show <FamilyTag familyId={assignment.familyId} />
        </button>
      ) : null}
      <LabelForm key={glitch.glitchId} glitch={glitch} />
      <Neighbours neighbours={assignment?.neighbours ?? []} />
    </Panel>
  );
}

/** The label that counts. */
function labelOf({ trigger, personLabel }: Glitch): string {
  return personLabel?.label ?? trigger.label;
}

/** One window large, chosen by tabs, and over it what makes the glitch like its family. */
function Windows({ glitch }: { readonly glitch: Glitch }) {
  const explorer = useExplorer();
  const { explained } = explorer.selection.value;
  const answer = explained ? explorer.explanations.of(glitch.glitchId).value : undefined;
  const first = glitch.windows.includes(1) ? 1 : glitch.windows[0];
  const [chosen, choose] = useState(first);
  if (chosen === undefined) return <p class="quiet">This glitch has no pictures.</p>;
  const windows = answer?.kind === 'known' ? answer.explanation.windows : [];
  const importance = windows.find(({ windowSec }) => windowSec === chosen);
  return (
    <>
      <div class="tabs" role="tablist" aria-label="Window">
        {glitch.windows.map((windowSec) => (
          <button
            key={windowSec}
            type="button"
            role="tab"
            aria-selected={windowSec === chosen}
            onClick={() => choose(windowSec)}
          >
            {windowText(windowSec)}
          </button>
        ))}
      </div>
      <SpectrogramFigure glitchId={glitch.glitchId} windowSec={chosen} size={300}>
        {importance === undefined ? null : (
          <ImportanceOverlay importance={importance} greatest={greatestTile(windows).importance} />
        )}
      </SpectrogramFigure>
      <button
        type="button"
        class="button explain"
        aria-pressed={explained}
        onClick={() => toggleExplained(explorer)}
      >
        {explained ? 'Hide what makes it so' : 'What makes it so'}
      </button>
      {answer === undefined ? null : <ExplanationWords answer={answer} />}
    </>
  );
}

function Neighbours({ neighbours }: { readonly neighbours: readonly Neighbour[] }) {
  if (neighbours.length === 0) return null;
  return (
    <section>
      <h3>Nearest glitches</h3>
      <ul class="thumbs four">
        {neighbours.slice(0, MAX_NEIGHBOURS).map(({ glitchId, familyId, distance }) => (
          <li key={glitchId}>
            <Thumb
              glitchId={glitchId}
              size={76}
              familyId={familyId}
              note={distance.toFixed(3)}
              label={`Glitch ${glitchId.slice(0, 8)}, distance ${distance.toFixed(3)}`}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
