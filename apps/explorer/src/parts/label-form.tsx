import { useState } from 'preact/hooks';
import type { Glitch } from '../data/messages.js';
import { labelGlitch } from '../state/actions.js';
import { agoText } from '../words/gps-time.js';
import { plain } from './disagreement-list.js';
import { useExplorer } from './explorer-context.js';

/** A person's label: given, corrected, or taken back. */
export function LabelForm({ glitch }: { readonly glitch: Glitch }) {
  const explorer = useExplorer();
  const { glitchId, trigger, personLabel } = glitch;
  const [text, setText] = useState('');
  const [state, setState] = useState<'idle' | 'busy' | { readonly failed: string }>('idle');

  async function give(label: string): Promise<void> {
    setState('busy');
    try {
      await labelGlitch(explorer, glitchId, label);
      setText('');
      setState('idle');
    } catch (error) {
      setState({ failed: error instanceof Error ? error.message : String(error) });
    }
  }

  const known = explorer.agreement.value?.labels ?? [];
  return (
    <section aria-label="Label">
      <h3>Label</h3>
      <p class="quiet">
        {personLabel === null
          ? `${trigger.label === '' ? 'None came along.' : `${plain(trigger.label)}, as it came along.`}`
          : `${plain(personLabel.label)}${personLabel.by === '' ? '' : ` by ${personLabel.by}`}, ${agoText(personLabel.givenAtMs, explorer.nowMs.value)}${trigger.label === '' ? '' : `; it came as ${plain(trigger.label)}`}.`}
      </p>
      <form
        class="label-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void give(text);
        }}
      >
        <input
          aria-label="New label"
          list="known-labels"
          maxLength={64}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <datalist id="known-labels">
          {known.map(({ label }) => (
            <option key={label} value={label} />
          ))}
        </datalist>
        <button type="submit" class="button" disabled={state === 'busy' || text.trim() === ''}>
          Set
        </button>
        {personLabel === null ? null : (
          <button
            type="button"
            class="button"
            disabled={state === 'busy'}
            onClick={() => void give('')}
          >
            Take back
          </button>
        )}
      </form>
      {typeof state === 'object' ? (
        <p role="alert" class="quiet">
          Not set: {state.failed}.
        </p>
      ) : null}
    </section>
  );
}
