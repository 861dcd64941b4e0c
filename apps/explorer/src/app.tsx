import { Drawer } from './parts/drawer.js';
import { ExplorerContext } from './parts/explorer-context.js';
import { Header } from './parts/header.js';
import { HoverCard } from './parts/hover-card.js';
import { MapPane } from './parts/map-pane.js';
import { Sidebar } from './parts/sidebar.js';
import { StateNotice } from './parts/state-notice.js';
import type { Explorer } from './state/explorer.js';

export function App({ explorer }: { readonly explorer: Explorer }) {
  return (
    <ExplorerContext.Provider value={explorer}>
      <div class="page">
        <Header />
        <StateNotice />
        <main class="stage">
          <MapPane />
          <Drawer />
          <Sidebar />
        </main>
        <HoverCard />
      </div>
    </ExplorerContext.Provider>
  );
}
