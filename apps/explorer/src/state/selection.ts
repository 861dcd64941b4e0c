/** What a person has picked, and what the address bar says. At most one kind at a time is opened at the side. */
export interface Selection {
  readonly familyId: number | undefined;
  readonly glitchId: string | undefined;
  readonly alertId: string | undefined;
  /** What makes the pinned glitch like its family is drawn over its pictures. */
  readonly explained: boolean;
}

/** Where the camera looks, in map units; `zoom` 1 shows the whole map. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export const nothingSelected: Selection = {
  familyId: undefined,
  glitchId: undefined,
  alertId: undefined,
  explained: false,
};

export interface PageState {
  readonly selection: Selection;
  readonly view: View | undefined;
}

const idPattern = /^[0-9a-f]{32}$/;

/** Reads a query such as "?family=7&glitch=…&view=1.2,-3,2.5"; what makes no sense is left out. */
export function readPageState(search: string): PageState {
  const query = new URLSearchParams(search);
  const family = query.get('family');
  return {
    selection: {
      familyId: family !== null && /^(-1|\d{1,9})$/.test(family) ? Number(family) : undefined,
      glitchId: readId(query.get('glitch')),
      alertId: readId(query.get('alert')),
      explained: query.get('explain') === '1' && readId(query.get('glitch')) !== undefined,
    },
    view: readView(query.get('view')),
  };
}

export function writePageState({ selection, view }: PageState): string {
  const query = new URLSearchParams();
  if (selection.familyId !== undefined) query.set('family', String(selection.familyId));
  if (selection.glitchId !== undefined) query.set('glitch', selection.glitchId);
  if (selection.alertId !== undefined) query.set('alert', selection.alertId);
  if (selection.explained && selection.glitchId !== undefined) query.set('explain', '1');
  if (view !== undefined) {
    query.set('view', [view.x, view.y, view.zoom].map((v) => v.toFixed(3)).join(','));
  }
  // Commas are plain in a query and easier on the eye than %2C.
  const text = query.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

function readId(text: string | null): string | undefined {
  return text !== null && idPattern.test(text) ? text : undefined;
}

function readView(text: string | null): View | undefined {
  const parts = (text ?? '').split(',').map(Number);
  const [x, y, zoom] = parts;
  if (parts.length !== 3 || !parts.every(Number.isFinite)) return undefined;
  return zoom !== undefined && zoom > 0 ? { x: x!, y: y!, zoom } : undefined;
}
