import type { Lease, Leases } from '../port.js';
import { checkedName } from '../store-key.js';
import type { RedisConnection } from './connection.js';

/*
 * A lease is a hash {holder, token} that expires; the last token of each name is
 * kept apart from it, without expiry. A token is at least the server's time in
 * milliseconds, so tokens go on growing even where the server was emptied.
 */

/** KEYS lease, last token; ARGV holder, ms. Gives the token and the last one, or nothing while another holds it. */
const ACQUIRE = `
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder and holder ~= ARGV[1] then return false end
local last = redis.call('GET', KEYS[2])
local time = redis.call('TIME')
local token = math.max(
  tonumber(last or '0') + 1,
  tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text)
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'token', text)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {text, last or ''}`;

/** KEYS lease; ARGV token, ms. */
const RENEW = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS lease; ARGV token. */
const RELEASE = `
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

export function createLeases(connection: RedisConnection, keyPrefix: string): Leases {
  const evaluate = (script: string, keys: string[], values: string[]): Promise<unknown> =>
    connection.run((client) => client.eval(script, { keys, arguments: values }));

  return {
    acquire: async (name, holder, ttlMs): Promise<Lease | undefined> => {
      checkedName('lease holder', holder);
      const leaseKey = `${keyPrefix}lease:${checkedName('lease', name)}`;
      const ttl = String(Math.max(1, Math.ceil(ttlMs)));
      const answer = await evaluate(ACQUIRE, [leaseKey, `${leaseKey}:token`], [holder, ttl]);
      if (answer === null) return undefined;
      const [token, last] = (answer as readonly unknown[]).map(String) as [string, string];
      return {
        name,
        fencingToken: BigInt(token),
        isFirst: last === '',
        renew: async () => (await evaluate(RENEW, [leaseKey], [token, ttl])) === 1,
        release: async () => {
          await evaluate(RELEASE, [leaseKey], [token]);
        },
      };
    },
  };
}
