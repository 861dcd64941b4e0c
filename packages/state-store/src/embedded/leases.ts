import type { Leases } from '../port.js';
import { checkedName } from '../store-key.js';
import type { Writer } from './writer.js';

export function createLeases(writer: Writer, nowMs: () => number): Leases {
  return {
    acquire: async (name, holder, ttlMs) => {
      checkedName('lease', name);
      checkedName('lease holder', holder);
      const acquire = { kind: 'acquire-lease', name, holder, ttlMs, nowMs: nowMs() } as const;
      const acquired = await writer.run<'acquire-lease'>(acquire);
      if (acquired === undefined) return undefined;
      const { token, isFirst } = acquired;
      return {
        name,
        fencingToken: BigInt(token),
        isFirst,
        renew: async () =>
          await writer.run<'renew-lease'>({
            kind: 'renew-lease',
            name,
            token,
            expiresAtMs: nowMs() + ttlMs,
          }),
        release: async () => {
          await writer.run({ kind: 'release-lease', name, token });
        },
      };
    },
  };
}
