import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Explorer } from '../state/explorer.js';

export const ExplorerContext = createContext<Explorer | undefined>(undefined);

export function useExplorer(): Explorer {
  const explorer = useContext(ExplorerContext);
  if (explorer === undefined) throw new Error('useExplorer: no explorer above this part');
  return explorer;
}
