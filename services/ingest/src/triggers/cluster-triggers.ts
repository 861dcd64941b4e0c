import type { Trigger } from '@glitchwatch/proto';

/**
 * Of triggers of one detector and channel whose peaks follow one another within
 * `windowSec`, the loudest stays. That is how users of Omicron thin its tiles
 * (`EventTable.cluster('time', 'snr', 0.1)` of GWpy): a chain may be longer than the
 * window, and the cluster's time, frequency and SNR are those of its loudest. How many
 * it stands for is kept in `extra.cluster_size`. Earliest first.
 */
export function clusterTriggers(triggers: readonly Trigger[], windowSec: number): Trigger[] {
  const windowNs = BigInt(Math.round(windowSec * 1e9));
  const lanes = new Map<string, Trigger[]>();
  for (const trigger of triggers) {
    const key = `${trigger.ifo} ${trigger.channel}`;
    const lane = lanes.get(key);
    if (lane === undefined) lanes.set(key, [trigger]);
    else lane.push(trigger);
  }
  return [...lanes.values()].flatMap((lane) => thin(lane.sort(byTime), windowNs)).sort(byTime);
}

function thin(sorted: readonly Trigger[], windowNs: bigint): Trigger[] {
  const clusters: { loudest: Trigger; lastNs: bigint; size: number }[] = [];
  for (const trigger of sorted) {
    const gpsNs = timeOf(trigger);
    const open = clusters.at(-1);
    if (open === undefined || gpsNs - open.lastNs > windowNs) {
      clusters.push({ loudest: trigger, lastNs: gpsNs, size: 1 });
      continue;
    }
    open.lastNs = gpsNs;
    open.size += 1;
    if ((trigger.snr ?? 0) > (open.loudest.snr ?? 0)) open.loudest = trigger;
  }
  return clusters.map(({ loudest, size }) =>
    size === 1 ? loudest : { ...loudest, extra: { ...loudest.extra, cluster_size: String(size) } },
  );
}

const timeOf = ({ peakGpsNs }: Trigger): bigint => peakGpsNs ?? 0n;
const byTime = (a: Trigger, b: Trigger): number => {
  const [s, t] = [timeOf(a), timeOf(b)];
  return s < t ? -1 : s > t ? 1 : 0;
};
