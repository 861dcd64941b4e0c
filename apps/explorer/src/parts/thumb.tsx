import { hoverOver, pinGlitch } from '../state/actions.js';
import { useExplorer } from './explorer-context.js';
import { Picture } from './picture.js';
import { Swatch } from './swatch.js';

export interface ThumbProps {
  readonly glitchId: string;
  readonly size: number;
  readonly label: string;
  readonly familyId?: number;
  readonly note?: string;
}

/** A small picture that pins its glitch. */
export function Thumb({ glitchId, size, label, familyId, note }: ThumbProps) {
  const explorer = useExplorer();
  return (
    <button
      type="button"
      class="thumb"
      aria-label={label}
      onClick={() => {
        hoverOver(explorer, undefined);
        pinGlitch(explorer, glitchId);
      }}
    >
      <Picture glitchId={glitchId} size={size} alt="" />
      {note === undefined && familyId === undefined ? null : (
        <span class="thumb-note">
          {familyId === undefined ? null : <Swatch familyId={familyId} />}
          {note}
        </span>
      )}
    </button>
  );
}
