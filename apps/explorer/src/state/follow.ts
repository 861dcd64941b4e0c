import { batch, effect } from '@preact/signals';
import type { LiveEvent, Placement } from '../data/messages.js';
import { loadAgreement } from './actions.js';
import { sortAlerts, withAlert } from './alert-list.js';
import type { Explorer } from './explorer.js';
import { inKnownOrder } from './family-order.js';

export interface FollowTimes {
  readonly statusEveryMs: number;
  readonly familiesEveryMs: number;
  readonly retryMs: number;
  /** Assignments are taken in together, so that a burst costs one drawing per frame. */
  readonly frameMs: number;
}

export const usualTimes: FollowTimes = {
  statusEveryMs: 4_000,
  familiesEveryMs: 4_000,
  retryMs: 2_000,
  frameMs: 60,
};

/**
 * Keeps the explorer's state in step with the gateway until stopped: the map
 * first, then the stream from exactly that point on; numbers and families by
 * asking now and then. Whatever fails is shown as disconnected and tried again.
 */
export function followGateway(explorer: Explorer, times: FollowTimes = usualTimes): () => void {
  const { gateway } = explorer;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let stopped = false;
  let closeStream: (() => void) | undefined;
  let familiesDue = true;
  let mapLoading = false;
  let mapDirty = false;
  let pending: Placement[] = [];

  function later(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!stopped) task();
    }, ms);
    timers.add(timer);
  }

  function heard(): void {
    explorer.lastHeardMs.value = Date.now();
    explorer.failed.value = false;
  }

  async function loadStatus(): Promise<void> {
    const status = await gateway.status();
    if (stopped) return;
    batch(() => {
      explorer.status.value = status;
      heard();
    });
  }

  async function loadFamilies(): Promise<void> {
    familiesDue = false;
    const [{ families }] = await Promise.all([gateway.families(), loadAgreement(explorer)]);
    if (!stopped) explorer.families.value = inKnownOrder(families, explorer.families.value);
  }

  async function loadMap(): Promise<string> {
    const map = await gateway.map();
    if (stopped) return map.cursor;
    // What came by stream while the map was on its way is not in it, or is the same.
    explorer.points.replace(map);
    for (const placement of pending) explorer.points.upsert(placement);
    pending = [];
    explorer.details.forget();
    explorer.explanations.forget();
    explorer.nPoints.value = explorer.points.size;
    explorer.emitPoints({ kind: 'replaced' });
    return map.cursor;
  }

  async function connect(): Promise<void> {
    try {
      const [cursor, alerts] = await Promise.all([
        loadMap(),
        gateway.alerts(),
        loadStatus(),
        loadFamilies(),
      ]);
      if (stopped) return;
      explorer.alerts.value = sortAlerts(alerts);
      closeStream = gateway.follow(cursor, { onState, onEvent });
    } catch (error) {
      failed(error);
      later(times.retryMs, () => void connect());
    }
  }

  function onState(state: 'open' | 'broken' | 'refused'): void {
    if (stopped) return;
    batch(() => {
      explorer.streamOpen.value = state === 'open';
      if (state === 'open') {
        explorer.everOpen.value = true;
        heard();
      }
    });
    if (state !== 'refused') return;
    // The cursor is worth nothing any more (another log, or too far back): from the start.
    closeStream?.();
    later(times.retryMs, () => void connect());
  }

  function onEvent(event: LiveEvent): void {
    if (stopped) return;
    explorer.lastHeardMs.value = Date.now();
    switch (event.kind) {
      case 'assignment':
        if (pending.length === 0 && !mapLoading) later(times.frameMs, takePending);
        pending.push(event.placement);
        return;
      case 'alert':
        explorer.alerts.value = withAlert(explorer.alerts.value, event.alert);
        return;
      case 'model':
        familiesDue = true;
        void loadStatus().catch(failed);
        return;
      case 'map':
        familiesDue = true;
        void reloadMap();
        return;
      default:
        event satisfies never;
    }
  }

  function takePending(): void {
    if (mapLoading) return;
    const indices = pending.map((placement) => explorer.points.upsert(placement).index);
    pending = [];
    familiesDue = true;
    explorer.nPoints.value = explorer.points.size;
    explorer.emitPoints({ kind: 'upserted', indices });
  }

  async function reloadMap(): Promise<void> {
    mapDirty = true;
    if (mapLoading) return;
    mapLoading = true;
    try {
      while (mapDirty && !stopped) {
        mapDirty = false;
        await Promise.all([loadMap(), loadStatus(), loadFamilies()]);
      }
    } catch (error) {
      failed(error);
      later(times.retryMs, () => void reloadMap());
    } finally {
      mapLoading = false;
      if (pending.length > 0) takePending();
    }
  }

  /** The page shows it as disconnected; every caller tries again later. */
  function failed(_error: unknown): void {
    explorer.failed.value = true;
  }

  function pollStatus(): void {
    void loadStatus()
      .catch(failed)
      .finally(() => later(times.statusEveryMs, pollStatus));
  }

  function pollFamilies(): void {
    const asked = familiesDue ? loadFamilies().catch(failed) : Promise.resolve();
    void asked.finally(() => later(times.familiesEveryMs, pollFamilies));
  }

  // The least certain members are asked for only of the family that is looked at.
  let chosen = explorer.selection.peek().familyId;
  const unwatch = effect(() => {
    const { familyId } = explorer.selection.value;
    if (familyId === chosen) return;
    chosen = familyId;
    if (familyId !== undefined) void loadAgreement(explorer).catch(failed);
  });

  void connect();
  later(times.statusEveryMs, pollStatus);
  later(times.familiesEveryMs, pollFamilies);

  return () => {
    stopped = true;
    unwatch();
    closeStream?.();
    for (const timer of timers) clearTimeout(timer);
  };
}
