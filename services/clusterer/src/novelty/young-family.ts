import type { AlertSurroundings } from './alert-message.js';
import { belongsBefore, byTypicality, type NovelGlitch } from './novel-glitch.js';

/**
 * The first members of a new kind seldom show all it can be: those that come next lie
 * apart from them, yet much nearer to them than to any older family. They are no second
 * piece of news; the next fit tells whether they are a family of their own.
 */
export function isMoreOfYoungFamily(
  members: readonly NovelGlitch[],
  { nearestFamilies, isYoung }: AlertSurroundings,
): boolean {
  const [typical] = byTypicality(members);
  if (typical === undefined) return false;
  const [nearest, ...others] = nearestFamilies(typical.vector);
  if (nearest === undefined || !isYoung(nearest.familyId)) return false;
  const older = others.find(({ familyId }) => !isYoung(familyId));
  return belongsBefore(nearest.distance, older?.distance ?? Number.POSITIVE_INFINITY);
}
