import type { ComponentChildren } from 'preact';
import { stepBack } from '../state/actions.js';
import { useExplorer } from './explorer-context.js';

export interface PanelProps {
  readonly title: ComponentChildren;
  readonly subtitle?: ComponentChildren;
  readonly label: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, subtitle, label, children }: PanelProps) {
  const explorer = useExplorer();
  return (
    <aside class="panel" aria-label={label}>
      <header class="panel-head">
        <div>
          <h2>{title}</h2>
          {subtitle === undefined ? null : <p>{subtitle}</p>}
        </div>
        <button type="button" class="close" aria-label="Close" onClick={() => stepBack(explorer)}>
          ×
        </button>
      </header>
      <div class="panel-body">{children}</div>
    </aside>
  );
}
