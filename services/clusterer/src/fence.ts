import type { ModelActivated } from '@glitchwatch/proto';

/**
 * Which activation is in force when `next` follows on the log. One with a smaller
 * fencing token than `current` comes from a holder that had lost the refit lease
 * without knowing it: it is void, wherever it stands. All readers see one order (one
 * partition), so all agree.
 */
export function inForceAfter(
  current: ModelActivated | undefined,
  next: ModelActivated,
): ModelActivated {
  if (current === undefined) return next;
  if (isDeposed(next, current)) return current;
  return next.modelVersion >= current.modelVersion ? next : current;
}

export function isDeposed(activation: ModelActivated, inForce: ModelActivated): boolean {
  return activation.fencingToken < inForce.fencingToken;
}

/** May a model with this version and token still come into force? */
export function canSucceed(
  inForce: ModelActivated | undefined,
  { modelVersion, fencingToken }: Pick<ModelActivated, 'modelVersion' | 'fencingToken'>,
): boolean {
  if (inForce === undefined) return true;
  return modelVersion > inForce.modelVersion && fencingToken >= inForce.fencingToken;
}
