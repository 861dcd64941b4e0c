import { signal } from '@preact/signals';
import type { Theme } from '../colour/family-colour.js';

const query = window.matchMedia('(prefers-color-scheme: light)');
const theme = signal<Theme>(query.matches ? 'light' : 'dark');
query.addEventListener('change', () => {
  theme.value = query.matches ? 'light' : 'dark';
});

/** The theme that the system asks for; changes while the page is open. */
export function currentTheme(): Theme {
  return theme.value;
}
