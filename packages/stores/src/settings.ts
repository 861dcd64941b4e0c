import { z } from 'zod';

const pem = z.string().min(1).optional();

const tlsSchema = z.strictObject({
  /** PEM texts; the system's authorities and no client certificate where absent. */
  ca: pem,
  cert: pem,
  key: pem,
  serverName: z.string().min(1).optional(),
});

const kafkaSchema = z.strictObject({
  brokers: z
    .array(z.string().regex(/^[^\s,@]+:\d{1,5}$/, 'expected host:port'))
    .min(1, 'expected at least one broker'),
  clientId: z.string().min(1).optional(),
  topicPrefix: z.string().min(1).optional(),
  /** Of topics made here; the broker's default where absent. */
  replicationFactor: z.int().min(1).max(32).optional(),
  compression: z.enum(['none', 'gzip']).optional(),
  tls: tlsSchema.optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512'),
      username: z.string().min(1),
      password: z.string().min(1),
    })
    .optional(),
});

const redisSchema = z.strictObject({
  url: z.string().min(1),
  keyPrefix: z.string().min(1).optional(),
  username: z.string().min(1).optional(),
  password: z.string().min(1).optional(),
  tls: tlsSchema.optional(),
});

/** Where a process keeps things. `{}` is complete: embedded stores in the default folder. */
export const storeSettingsSchema = z.strictObject({
  /** Folder of the blobs, and of the log and state where they are embedded. */
  dataDir: z.string().min(1).default('.glitchwatch/data'),
  /** Absent: the embedded log. */
  kafka: kafkaSchema.optional(),
  /** Absent: the embedded state store. */
  redis: redisSchema.optional(),
});

export type StoreSettings = z.output<typeof storeSettingsSchema>;
export type KafkaSettings = z.output<typeof kafkaSchema>;
export type RedisSettings = z.output<typeof redisSchema>;
