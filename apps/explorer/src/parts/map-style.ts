import { familyRgb, type Rgb, type Theme } from '../colour/family-colour.js';
import type { MapStyle } from '../map/map-view.js';

/** Members of the alert that is looked at. */
export function alertRgb(theme: Theme): Rgb {
  return theme === 'dark' ? [255, 181, 71] : [224, 138, 0];
}

/** What the map draws with; the page's own colours are in styles/theme.css. */
export function mapStyle(theme: Theme): MapStyle {
  const common = { colourOf: (familyId: number) => familyRgb(familyId, theme) };
  return theme === 'dark'
    ? {
        ...common,
        ink: '#f2f5f9',
        halo: 'rgba(10, 13, 18, 0.88)',
        alert: '#ffb547',
        graticule: 'rgba(140, 155, 178, 0.16)',
        isLight: false,
      }
    : {
        ...common,
        ink: '#12171f',
        halo: 'rgba(250, 251, 252, 0.9)',
        alert: '#e08a00',
        graticule: 'rgba(60, 75, 100, 0.18)',
        isLight: true,
      };
}
