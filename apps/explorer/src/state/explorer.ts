import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { Gateway } from '../data/gateway.js';
import type { Agreement, Alert, Family, Status } from '../data/messages.js';
import { type Connection, judgeConnection } from './connection.js';
import { Explanations } from './explanations.js';
import { GlitchDetails } from './glitch-details.js';
import { PointStore } from './point-store.js';
import { nothingSelected, type Selection, type View } from './selection.js';

/** A glitch under the pointer, and where on the page. */
export interface Hover {
  readonly glitchId: string;
  readonly clientX: number;
  readonly clientY: number;
}

/** What changed on the map since it was last drawn. */
export type PointsChange =
  | { readonly kind: 'replaced' }
  | { readonly kind: 'upserted'; readonly indices: readonly number[] };

/** Everything the page shows. Parts read it; only `state/` writes it. */
export interface Explorer {
  readonly gateway: Gateway;
  readonly details: GlitchDetails;
  readonly explanations: Explanations;
  readonly points: PointStore;
  /** Number of points; changes whenever they do. */
  readonly nPoints: Signal<number>;
  readonly onPoints: (listener: (change: PointsChange) => void) => () => void;
  readonly emitPoints: (change: PointsChange) => void;

  readonly nowMs: Signal<number>;
  readonly streamOpen: Signal<boolean>;
  readonly everOpen: Signal<boolean>;
  readonly failed: Signal<boolean>;
  readonly lastHeardMs: Signal<number>;
  readonly connection: ReadonlySignal<Connection>;

  /** Undefined until first heard. */
  readonly status: Signal<Status | undefined>;
  readonly families: Signal<readonly Family[] | undefined>;
  readonly agreement: Signal<Agreement | undefined>;
  readonly alerts: Signal<readonly Alert[]>;
  readonly openAlerts: ReadonlySignal<readonly Alert[]>;
  /** Open ones that concern the present: those of a backlog call nobody. */
  readonly urgentAlerts: ReadonlySignal<readonly Alert[]>;

  readonly selection: Signal<Selection>;
  readonly hover: Signal<Hover | undefined>;
  /** Undefined while the camera shows the whole map. */
  readonly view: Signal<View | undefined>;
}

export function createExplorer(gateway: Gateway, startMs: number): Explorer {
  const nowMs = signal(startMs);
  const streamOpen = signal(false);
  const everOpen = signal(false);
  const failed = signal(false);
  const lastHeardMs = signal(startMs);
  const status = signal<Status | undefined>(undefined);
  const alerts = signal<readonly Alert[]>([]);
  const listeners = new Set<(change: PointsChange) => void>();

  return {
    gateway,
    details: new GlitchDetails(gateway),
    explanations: new Explanations(gateway),
    points: new PointStore(),
    nPoints: signal(0),
    onPoints(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emitPoints(change) {
      for (const listener of listeners) listener(change);
    },
    nowMs,
    streamOpen,
    everOpen,
    failed,
    lastHeardMs,
    connection: computed(() =>
      judgeConnection(
        {
          streamOpen: streamOpen.value,
          everOpen: everOpen.value,
          failed: failed.value,
          caughtUp: status.value?.caughtUp ?? true,
          lastHeardMs: lastHeardMs.value,
        },
        nowMs.value,
      ),
    ),
    status,
    families: signal<readonly Family[] | undefined>(undefined),
    agreement: signal<Agreement | undefined>(undefined),
    alerts,
    openAlerts: computed(() => alerts.value.filter(({ open }) => open)),
    urgentAlerts: computed(() =>
      alerts.value.filter(({ open, historical }) => open && !historical),
    ),
    selection: signal(nothingSelected),
    hover: signal<Hover | undefined>(undefined),
    view: signal<View | undefined>(undefined),
  };
}
