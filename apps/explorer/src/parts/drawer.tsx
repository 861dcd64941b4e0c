import { useEffect } from 'preact/hooks';
import { stepBack } from '../state/actions.js';
import { AlertPanel } from './alert-panel.js';
import { useExplorer } from './explorer-context.js';
import { FamilyPanel } from './family-panel.js';
import { GlitchPanel } from './glitch-panel.js';

/** What is selected, beside the map. Escape goes one step back. */
export function Drawer() {
  const explorer = useExplorer();
  const { glitchId, alertId, familyId } = explorer.selection.value;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') stepBack(explorer);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [explorer]);
  if (glitchId !== undefined) return <GlitchPanel key={glitchId} glitchId={glitchId} />;
  if (alertId !== undefined) return <AlertPanel key={alertId} alertId={alertId} />;
  if (familyId !== undefined) return <FamilyPanel key={familyId} familyId={familyId} />;
  return null;
}
