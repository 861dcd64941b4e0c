import type { Family } from '../data/messages.js';

/**
 * Families as the gateway orders them, by size, whenever there are other ones than
 * before; else in the order already shown, so that no row leaves the pointer while
 * counts grow.
 */
export function inKnownOrder(
  families: readonly Family[],
  shown: readonly Family[] | undefined,
): readonly Family[] {
  const byId = new Map(families.map((family) => [family.familyId, family]));
  const sameOnes =
    shown?.length === families.length && shown.every(({ familyId }) => byId.has(familyId));
  if (!sameOnes) return families;
  return shown.flatMap(({ familyId }) => byId.get(familyId) ?? []);
}
