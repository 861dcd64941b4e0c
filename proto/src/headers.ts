/** Record headers that every message carries. */
export const headerNames = {
  /** Full protobuf message name, for example glitchwatch.v1.Glitch. */
  schema: 'schema',
  /** Deterministic id by which a consumer knows a duplicate. */
  eventId: 'event-id',
  /** W3C traceparent, where the producer has one. */
  trace: 'traceparent',
} as const;

export function messageHeaders(schema: string, eventId: string): Record<string, string> {
  return { [headerNames.schema]: `glitchwatch.v1.${schema}`, [headerNames.eventId]: eventId };
}
