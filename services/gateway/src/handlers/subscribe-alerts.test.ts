import { Alert, AlertKind, SubscribeAlertsRequest } from '@glitchwatch/proto';
import { describe, expect, it } from 'vitest';
import { alertFilter } from './subscribe-alerts.js';

const kinds = [AlertKind.ALERT_KIND_EMERGENT_FAMILY, AlertKind.ALERT_KIND_OUTLIER];
const alerts = [...kinds, AlertKind.ALERT_KIND_BURST].flatMap((kind) =>
  [false, true].map((historical) => Alert.fromPartial({ kind, historical })),
);
const passing = (request: Partial<SubscribeAlertsRequest>) =>
  alerts.filter(alertFilter(SubscribeAlertsRequest.fromPartial(request)));

describe('alertFilter', () => {
  it('lets everything pass when nothing is asked for', () => {
    expect(passing({})).toEqual(alerts);
  });

  it('keeps the kinds asked for', () => {
    expect(passing({ kinds }).map(({ kind }) => kind)).toEqual([
      kinds[0],
      kinds[0],
      kinds[1],
      kinds[1],
    ]);
  });

  it('leaves out what concerns the past only, where that is asked for', () => {
    const live = passing({ withoutHistorical: true });
    expect(live).toHaveLength(3);
    expect(live.some(({ historical }) => historical)).toBe(false);
  });
});
