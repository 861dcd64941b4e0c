import { useState } from 'preact/hooks';
import type { Family } from '../data/messages.js';
import { renameFamily } from '../state/actions.js';
import { useExplorer } from './explorer-context.js';

const MAX_LENGTH = 80;

/** Gives the family a name for everybody; an empty one brings the default back. */
export function FamilyNameForm({ family }: { readonly family: Family }) {
  const explorer = useExplorer();
  const [text, setText] = useState<string>();
  const [failure, setFailure] = useState<string>();
  if (text === undefined)
    return (
      <button type="button" class="rename" onClick={() => setText(family.name)}>
        Rename
      </button>
    );

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await renameFamily(explorer, family.familyId, text);
      setText(undefined);
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };

  return (
    <form class="rename" onSubmit={(event) => void save(event)}>
      <label>
        Name
        <input
          type="text"
          value={text}
          maxLength={MAX_LENGTH}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </label>
      <button type="submit">Save</button>
      <button type="button" onClick={() => setText(undefined)}>
        Cancel
      </button>
      {failure === undefined ? null : <p role="alert">{failure}</p>}
    </form>
  );
}
