import { afterEach, describe, expect, it, vi } from 'vitest';
import { createExplorer, type Explorer, type PointsChange } from './explorer.js';
import {
  alertOf,
  type FakeGateway,
  fakeGateway,
  mapOf,
  placementOf,
  statusOf,
} from './fake-gateway.js';
import { followGateway } from './follow.js';

const times = { statusEveryMs: 1e6, familiesEveryMs: 1e6, retryMs: 5, frameMs: 1 };

let stop: (() => void) | undefined;
afterEach(() => stop?.());

function start(prepare: (gateway: FakeGateway) => void = () => undefined): {
  gateway: FakeGateway;
  explorer: Explorer;
  changes: PointsChange[];
} {
  const gateway = fakeGateway();
  prepare(gateway);
  const explorer = createExplorer(gateway, Date.now());
  const changes: PointsChange[] = [];
  explorer.onPoints((change) => changes.push(change));
  stop = followGateway(explorer, times);
  return { gateway, explorer, changes };
}

const connected = (gateway: FakeGateway): Promise<void> =>
  vi.waitFor(() => expect(gateway.cursors).toHaveLength(1));

describe('following a gateway', () => {
  it('loads the map, then streams from where the map ends', async () => {
    const { gateway, explorer } = start((fake) => {
      fake.answers.map = mapOf([placementOf('a'), placementOf('b')], 'c7');
      fake.answers.status = statusOf({ nGlitches: 2 });
    });
    expect(explorer.connection.value).toBe('connecting');
    await connected(gateway);
    expect(gateway.cursors).toEqual(['c7']);
    expect(explorer.nPoints.value).toBe(2);
    gateway.state('open');
    expect(explorer.connection.value).toBe('live');
  });

  it('adds glitches in groups and keeps the selection', async () => {
    const { gateway, explorer, changes } = start((fake) => {
      fake.answers.map = mapOf([placementOf('a')]);
    });
    await connected(gateway);
    const selection = { familyId: 1, glitchId: 'a', alertId: undefined };
    explorer.selection.value = selection;
    for (const id of ['b', 'c', 'b'])
      gateway.emit({ kind: 'assignment', placement: placementOf(id) });
    await vi.waitFor(() => expect(explorer.nPoints.value).toBe(3));
    expect(changes).toEqual([{ kind: 'replaced' }, { kind: 'upserted', indices: [1, 2, 1] }]);
    expect(explorer.selection.value).toBe(selection);
  });

  it('reads the map anew after a refit, and keeps what came meanwhile', async () => {
    const { gateway, explorer } = start((fake) => {
      fake.answers.map = mapOf([placementOf('a')]);
    });
    await connected(gateway);
    gateway.answers.map = mapOf([placementOf('a', { x: 9, familyId: 4 })]);
    gateway.emit({ kind: 'map' });
    gateway.emit({ kind: 'assignment', placement: placementOf('b') });
    await vi.waitFor(() => expect(explorer.points.familyAt(0)).toBe(4));
    await vi.waitFor(() => expect(explorer.nPoints.value).toBe(2));
    expect(explorer.points.indexOf('b')).toBe(1);
  });

  it('says disconnected, tries again and recovers', async () => {
    let away = true;
    const { gateway, explorer } = start((fake) => {
      const { map } = fake;
      fake.map = () => (away ? Promise.reject(new Error('away')) : map());
    });
    await vi.waitFor(() => expect(explorer.connection.value).toBe('disconnected'));
    away = false;
    await connected(gateway);
    gateway.state('open');
    expect(explorer.connection.value).toBe('live');
    gateway.state('broken');
    expect(explorer.connection.value).toBe('disconnected');
  });

  it('starts from a new map when its cursor is refused', async () => {
    const { gateway } = start();
    await connected(gateway);
    gateway.answers.map = mapOf([], 'fresh');
    gateway.state('refused');
    await vi.waitFor(() => expect(gateway.cursors).toEqual(['c0', 'fresh']));
  });

  it('takes the newest revision of an alert, open ones first', async () => {
    const { gateway, explorer } = start((fake) => {
      fake.answers.alerts = [alertOf({ alertId: 'old', open: false, updatedAtMs: 99 })];
    });
    await connected(gateway);
    gateway.emit({ kind: 'alert', alert: alertOf({ revision: 2, summary: 'two' }) });
    gateway.emit({ kind: 'alert', alert: alertOf({ revision: 1, summary: 'one' }) });
    expect(explorer.alerts.value.map(({ summary, alertId }) => summary || alertId)).toEqual([
      'two',
      'old',
    ]);
    gateway.emit({
      kind: 'alert',
      alert: alertOf({ revision: 3, open: false, state: 'resolved' }),
    });
    expect(explorer.openAlerts.value).toEqual([]);
  });
});
