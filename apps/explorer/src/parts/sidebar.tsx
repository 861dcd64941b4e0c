import { AlertList } from './alert-list.js';
import { DisagreementList } from './disagreement-list.js';
import { FamilyList } from './family-list.js';

export function Sidebar() {
  return (
    <aside class="sidebar" aria-label="Alerts and families">
      <AlertList />
      <FamilyList />
      <DisagreementList />
    </aside>
  );
}
