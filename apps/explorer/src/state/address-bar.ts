import { effect } from '@preact/signals';
import type { Explorer } from './explorer.js';
import { readPageState, writePageState } from './selection.js';

const QUIET_MS = 250;

/**
 * Keeps the address bar and the page in step. A new selection is a step in the
 * history; a moved camera only rewrites the present one.
 */
export function bindAddressBar(explorer: Explorer, window: Window): () => void {
  const read = (): void => {
    const state = readPageState(window.location.search);
    explorer.selection.value = state.selection;
    explorer.view.value = state.view;
  };
  read();

  let shownSelection = explorer.selection.peek();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const address = (): string => {
    const search = writePageState({
      selection: explorer.selection.peek(),
      view: explorer.view.peek(),
    });
    return `${window.location.pathname}${search}`;
  };
  const stopWriting = effect(() => {
    const selection = explorer.selection.value;
    void explorer.view.value;
    clearTimeout(timer);
    if (selection !== shownSelection) {
      shownSelection = selection;
      if (address() !== `${window.location.pathname}${window.location.search}`) {
        window.history.pushState(null, '', address());
      }
      return;
    }
    // Browsers refuse more than a hundred changes in half a minute.
    timer = setTimeout(() => window.history.replaceState(null, '', address()), QUIET_MS);
  });
  const onPop = (): void => {
    const state = readPageState(window.location.search);
    shownSelection = state.selection;
    explorer.selection.value = state.selection;
    explorer.view.value = state.view;
  };
  window.addEventListener('popstate', onPop);
  return () => {
    stopWriting();
    clearTimeout(timer);
    window.removeEventListener('popstate', onPop);
  };
}
