import { createHash } from 'node:crypto';

/** First 128 bits of SHA-256 over the parts, each preceded by its byte length. */
function hash128(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex').slice(0, 32);
}

export interface GlitchIdentity {
  readonly ifo: string;
  readonly peakGpsNs?: bigint | undefined;
  readonly channel: string;
  readonly externalId: string;
}

/**
 * Deterministic id of a glitch as 32 hex digits: of (ifo, peak GPS ns, channel),
 * or of (ifo, external id) where the source gives no time.
 */
export function glitchIdOf(identity: GlitchIdentity): string {
  return identity.peakGpsNs === undefined
    ? hash128(['external', identity.ifo, identity.externalId])
    : hash128(['peak', identity.ifo, identity.peakGpsNs.toString(), identity.channel]);
}

/** Event id of an embedding: the glitch under one embedder. */
export function embeddingEventId(glitchId: string, embedderSha256: string): string {
  return hash128(['embedding', glitchId, embedderSha256]);
}

/** Event id of an assignment: the glitch under one model version. */
export function assignmentEventId(glitchId: string, modelVersion: number): string {
  return hash128(['assignment', glitchId, String(modelVersion)]);
}

/** Event id of one revision of an alert. */
export function alertEventId(alertId: string, revision: number): string {
  return hash128(['alert', alertId, String(revision)]);
}

/** Id of an alert: its kind and the glitch that founded the group. */
export function alertIdOf(kind: string, founderGlitchId: string): string {
  return hash128(['alert-id', kind, founderGlitchId]);
}

/** Event id of a change that a model made to a family. */
export function familyEventId(familyId: number, modelVersion: number): string {
  return hash128(['family', String(familyId), String(modelVersion)]);
}

/** Event id of a name that a person gave; of the request, so that its repeat is a duplicate. */
export function familyNameEventId(familyId: number, name: string, atMs: bigint): string {
  return hash128(['family-name', String(familyId), name, atMs.toString()]);
}

/** Event id of a person's label: what was said of which glitch, by whom and when. */
export function labelEventId(said: {
  readonly glitchId: string;
  readonly label: string;
  readonly by: string;
  readonly givenAtMs: bigint;
}): string {
  return hash128(['label', said.glitchId, said.label, said.by, said.givenAtMs.toString()]);
}

/** Event id of what one embedder made of the golden glitches at one time. */
export function goldenEventId(embedderSha256: string, goldenSha256: string, atMs: bigint): string {
  return hash128(['golden', embedderSha256, goldenSha256, atMs.toString()]);
}
