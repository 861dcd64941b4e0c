import {
  type Alert,
  AlertKind,
  AlertState,
  DriftCause,
  GoldenEmbeddings,
  topics,
} from '@glitchwatch/proto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs, EMBEDDER, glitchRecord, type TestGlitch } from './blobs.js';
import {
  openPorts,
  type Ports,
  type RunningClusterer,
  readAlerts,
  startClusterer,
  temporaryFolder,
  until,
} from './harness.js';

const WINDOW = 50;
const settings = {
  minFit: 100_000,
  driftWindow: WINDOW,
  // One false alarm in 10,000 windows: this test has four.
  driftAlpha: 0.0001,
  driftEveryMs: 20,
};

/** One story, told in order: each step builds on the one before. */
describe('drift', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let ports: Ports;
  let clusterer: RunningClusterer;
  const blobs = new Blobs({ seed: 5 });
  const sent: TestGlitch[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    ports = await openPorts(folder.dir);
    await golden(0);
    clusterer = await startClusterer(ports, settings);
  });

  afterAll(async () => {
    await clusterer.service.stop();
    await ports.close();
    await folder.remove();
  });

  /** What the embedder makes of one golden glitch: turned by so much. */
  async function golden(turn: number, embedderSha256 = EMBEDDER): Promise<void> {
    const vectors = [{ values: [Math.cos(turn), Math.sin(turn)] }];
    const message = GoldenEmbeddings.fromPartial({ goldenSha256: 'set', embedderSha256, vectors });
    const value = GoldenEmbeddings.encode(message).finish();
    await ports.log.append([{ topic: topics.golden, key: 'set', value }]);
  }

  /** Even numbers are H1's, odd ones L1's. */
  async function send(count: number, blobOf: (i: number) => number): Promise<void> {
    const glitches = Array.from({ length: count }, (_, i) => {
      const blob = blobOf(i);
      return glitchRecord(sent.length + i, blob, blobs.draw(blob));
    });
    await ports.log.append(glitches.map(({ record }) => record));
    sent.push(...glitches);
  }

  async function metric(name: string): Promise<number | undefined> {
    const text = await clusterer.metrics();
    const line = text
      .split('\n')
      .find((one) => one.startsWith(`glitchwatch_clusterer_drift_${name} `));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
  }

  const comparedTimes = (ifo: string, times: number) =>
    until(
      `${times} comparisons of ${ifo}`,
      async () => (await metric(`comparisons_total{ifo="${ifo}"}`)) === times,
    );

  const driftAlerts = async (): Promise<Alert[]> =>
    (await readAlerts(ports.log)).filter(({ kind }) => kind === AlertKind.ALERT_KIND_DRIFT);

  const toldOf = (what: string, state: AlertState, cause: DriftCause) =>
    until(what, async () =>
      (await driftAlerts()).find((alert) => alert.state === state && alert.drift?.cause === cause),
    );

  it('is not told of while both detectors see what they saw before', async () => {
    const draw = (i: number): number => (i >> 1) % 4;
    await send(2 * WINDOW, draw);
    await send(2 * WINDOW, draw);
    await comparedTimes('H1', 1);
    await comparedTimes('L1', 1);
    expect(await driftAlerts()).toEqual([]);
    expect(await metric('p_value{ifo="H1"}')).toBeGreaterThan(0.0001);
    expect(await metric('golden_distance')).toBe(0);
  });

  it('names the detector whose glitches are of another kind, and shows which', async () => {
    // H1 sees a fifth kind in half of its glitches; L1 goes on.
    await send(2 * WINDOW, (i) => (i % 4 === 0 ? 4 : (i >> 1) % 4));
    await comparedTimes('L1', 2);
    const alert = await toldOf(
      'an alert about H1',
      AlertState.ALERT_STATE_OPEN,
      DriftCause.DRIFT_CAUSE_DETECTOR,
    );
    expect(alert.drift).toMatchObject({
      ifo: 'H1',
      nRecent: WINDOW,
      nReference: WINDOW,
      goldenMaxDistance: 0,
      embedderSha256: EMBEDDER,
    });
    expect(alert.drift?.pValue).toBeLessThanOrEqual(0.0001);
    expect(alert.drift?.mmd2).toBeGreaterThan(0.02);
    expect(alert.membersByIfo).toEqual({ H1: BigInt(WINDOW) });
    expect(alert.summary).toMatch(/^H1 has changed: .* and the embedder is what it was$/);
    const blobOf = new Map(sent.map(({ glitchId, blob }) => [glitchId, blob]));
    expect(alert.exemplarGlitchIds.map((id) => blobOf.get(id))).toEqual([4, 4, 4, 4, 4]);
    expect(await driftAlerts()).toHaveLength(1);
    expect(await metric('alerts{cause="detector"}')).toBe(1);
  });

  it('names the embedder where the same network gives another result, and judges no detector', async () => {
    await golden(0.3);
    const alert = await toldOf(
      'an alert about the embedder',
      AlertState.ALERT_STATE_OPEN,
      DriftCause.DRIFT_CAUSE_EMBEDDER,
    );
    expect(alert.summary).toMatch(/^The embedder has changed: the same network/);
    expect(alert.drift?.goldenMaxDistance).toBeCloseTo(1 - Math.cos(0.3), 6);
    const resolved = await toldOf(
      'the detector’s alert to end',
      AlertState.ALERT_STATE_RESOLVED,
      DriftCause.DRIFT_CAUSE_DETECTOR,
    );
    expect(resolved).toMatchObject({ revision: 2 });
    await send(4 * WINDOW, (i) => 6 + (i % 2));
    await until('the glitches', () => clusterer.service.status().knownGlitches === sent.length);
    expect(await metric('comparisons_total{ifo="H1"}')).toBe(2);
  });

  it('tells nothing twice, also after a restart, and ends when the embedder is back', async () => {
    const before = await driftAlerts();
    await clusterer.service.stop();
    clusterer = await startClusterer(ports, settings);
    await until('the verdict', async () => ((await metric('golden_distance')) ?? 0) > 0);
    await golden(0);
    const resolved = await toldOf(
      'the embedder’s alert to end',
      AlertState.ALERT_STATE_RESOLVED,
      DriftCause.DRIFT_CAUSE_EMBEDDER,
    );
    expect(resolved).toMatchObject({ revision: 2 });
    expect(await driftAlerts()).toHaveLength(before.length + 1);
  });

  it('names the embedder where another network is at work', async () => {
    await golden(1.2, 'f'.repeat(64));
    const alert = await until('another alert about the embedder', async () =>
      (await driftAlerts()).find(({ summary }) => summary.includes('in place of')),
    );
    expect(alert.summary).toContain('network ffffffff in place of eeeeeeee');
    expect(alert.state).toBe(AlertState.ALERT_STATE_OPEN);
  });
});
