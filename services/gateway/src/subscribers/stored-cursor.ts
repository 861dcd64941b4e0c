import { z } from 'zod';

const schema = z.object({ cursor: z.string().min(1).max(2_048), atMs: z.number() });

/** A named subscriber's cursor as it stands in the state store. */
export type StoredCursor = z.infer<typeof schema>;

export function encodeStoredCursor(stored: StoredCursor): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** Undefined for bytes that no gateway has written. */
export function decodeStoredCursor(bytes: Uint8Array): StoredCursor | undefined {
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
