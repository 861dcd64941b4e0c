import { readFile } from 'node:fs/promises';
import { parseConfig, ServiceError } from '@glitchwatch/service-kit';
import { type StoreSettings, storeSettingsSchema } from './settings.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables, for help texts and for commands that set them from flags. */
export const storeVariables = {
  dataDir: 'GLITCHWATCH_DATA_DIR',
  kafkaBrokers: 'GLITCHWATCH_KAFKA_BROKERS',
  redisUrl: 'GLITCHWATCH_REDIS_URL',
} as const;

const KAFKA = 'GLITCHWATCH_KAFKA';
const REDIS = 'GLITCHWATCH_REDIS';

/**
 * The settings that GLITCHWATCH_… variables state. Secrets come from a variable or,
 * as containers mount them, from the file that the variable with `_FILE` names.
 *
 * @throws ServiceError `bad_config` naming the field; it never shows a secret.
 */
export async function storeSettingsFromEnvironment(env: Environment): Promise<StoreSettings> {
  return parseConfig(
    storeSettingsSchema,
    defined({
      dataDir: given(env, storeVariables.dataDir),
      kafka: await kafkaOf(env),
      redis: await redisOf(env),
    }),
    'store',
  );
}

async function kafkaOf(env: Environment): Promise<unknown> {
  const brokers = given(env, storeVariables.kafkaBrokers);
  if (brokers === undefined) return undefined;
  const username = given(env, `${KAFKA}_USERNAME`);
  const password = await secret(env, `${KAFKA}_PASSWORD`);
  const mechanism = given(env, `${KAFKA}_SASL_MECHANISM`)?.toLowerCase();
  const hasSasl = username !== undefined || password !== undefined || mechanism !== undefined;
  return defined({
    brokers: brokers
      .split(',')
      .map((broker) => broker.trim())
      .filter((broker) => broker !== ''),
    clientId: given(env, `${KAFKA}_CLIENT_ID`),
    topicPrefix: given(env, `${KAFKA}_TOPIC_PREFIX`),
    replicationFactor: numberOf(given(env, `${KAFKA}_REPLICATION_FACTOR`)),
    compression: given(env, `${KAFKA}_COMPRESSION`),
    tls: await tlsOf(env, KAFKA),
    sasl: hasSasl ? defined({ mechanism, username, password }) : undefined,
  });
}

async function redisOf(env: Environment): Promise<unknown> {
  const url = given(env, storeVariables.redisUrl);
  if (url === undefined) return undefined;
  return defined({
    url,
    keyPrefix: given(env, `${REDIS}_KEY_PREFIX`),
    username: given(env, `${REDIS}_USERNAME`),
    password: await secret(env, `${REDIS}_PASSWORD`),
    tls: await tlsOf(env, REDIS),
  });
}

/** TLS is on where …_TLS says true, or where any file for it is named. */
async function tlsOf(env: Environment, prefix: string): Promise<unknown> {
  const tls = defined({
    ca: await fileNamedBy(env, `${prefix}_TLS_CA_FILE`),
    cert: await fileNamedBy(env, `${prefix}_TLS_CERT_FILE`),
    key: await fileNamedBy(env, `${prefix}_TLS_KEY_FILE`),
    serverName: given(env, `${prefix}_TLS_SERVER_NAME`),
  });
  const text = given(env, `${prefix}_TLS`) ?? (Object.keys(tls).length > 0 ? 'true' : 'false');
  if (text === 'true') return tls;
  if (text === 'false') return undefined;
  throw new ServiceError(
    'bad_config',
    `Bad store configuration: ${prefix}_TLS: expected true or false; found "${text.slice(0, 20)}"`,
  );
}

async function secret(env: Environment, variable: string): Promise<string | undefined> {
  const text = given(env, variable);
  if (text !== undefined) return text;
  // Editors and `echo` end a file with a newline that is no part of the secret.
  return (await fileNamedBy(env, `${variable}_FILE`))?.replace(/\r?\n$/, '');
}

async function fileNamedBy(env: Environment, variable: string): Promise<string | undefined> {
  const path = given(env, variable);
  if (path === undefined) return undefined;
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ServiceError(
      'bad_config',
      `Bad store configuration: ${variable}: expected a readable file; found ${reason}`,
      { cause },
    );
  }
}

function given(env: Environment, variable: string): string | undefined {
  const text = env[variable];
  return text === undefined || text === '' ? undefined : text;
}

/** NaN is left for the schema to refuse by name. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
