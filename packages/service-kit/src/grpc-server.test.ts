import { createRequire } from 'node:module';
import {
  Client,
  credentials,
  type ServiceError as GrpcError,
  loadPackageDefinition,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { afterEach, describe, expect, it } from 'vitest';
import { type GrpcServer, type GrpcServerOptions, startGrpcServer } from './grpc-server.js';
import { createLogger } from './logger.js';

const require = createRequire(import.meta.url);
const logger = createLogger({ name: 'test', level: 'silent' });
const raw = (value: Buffer): Buffer => value;

/** Raw bytes in, raw bytes out: the server's rules show without any message type. */
const definition: ServiceDefinition = {
  submitTriggers: {
    path: '/glitchwatch.v1.IngestService/SubmitTriggers',
    requestStream: false,
    responseStream: false,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  },
};

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(over: Partial<GrpcServerOptions> = {}): Promise<GrpcServer> {
  const server = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    logger,
    services: [
      {
        definition,
        implementation: {
          submitTriggers: (
            call: { request: Buffer },
            callback: (error: null, value: Buffer) => void,
          ) => callback(null, call.request),
        },
      },
    ],
    descriptorSet: require.resolve('@glitchwatch/proto/descriptors'),
    closeGraceMs: 50,
    ...over,
  });
  closers.push(() => server.close());
  return server;
}

function connect(server: GrpcServer): Client {
  const client = new Client(server.address, credentials.createInsecure());
  closers.unshift(() => client.close());
  return client;
}

function echo(client: Client, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      definition.submitTriggers?.path ?? '',
      raw,
      raw,
      Buffer.alloc(bytes, 1),
      (error: GrpcError | null, value?: Buffer) =>
        error === null && value !== undefined ? resolve(value) : reject(error),
    );
  });
}

/** Calls health as any standard client does. */
function healthStatus(server: GrpcServer, service: string): Promise<string> {
  const loaded = loadPackageDefinition(loadSync(healthProto, { enums: String })) as unknown as {
    grpc: { health: { v1: { Health: new (...args: unknown[]) => Client } } };
  };
  const client = new loaded.grpc.health.v1.Health(server.address, credentials.createInsecure());
  closers.unshift(() => client.close());
  return new Promise((resolve, reject) => {
    const check = Reflect.get(client, 'check') as (
      request: object,
      callback: (error: Error | null, answer: { status: string }) => void,
    ) => void;
    check.call(client, { service }, (error, answer) =>
      error === null ? resolve(answer.status) : reject(error),
    );
  });
}

const reflectionProto = require
  .resolve('@grpc/reflection')
  .replace(/build.*$/, 'build/proto/grpc/reflection/v1/reflection.proto');

function reflect(server: GrpcServer, request: object): Promise<Record<string, unknown>> {
  const options = { oneofs: true, longs: String };
  const loaded = loadPackageDefinition(loadSync(reflectionProto, options)) as unknown as {
    grpc: { reflection: { v1: { ServerReflection: new (...args: unknown[]) => Client } } };
  };
  const client = new loaded.grpc.reflection.v1.ServerReflection(
    server.address,
    credentials.createInsecure(),
  );
  closers.unshift(() => client.close());
  return new Promise((resolve, reject) => {
    const open = Reflect.get(client, 'serverReflectionInfo') as () => NodeJS.ReadWriteStream & {
      write(request: object): boolean;
    };
    const stream = open.call(client);
    stream.on('error', reject);
    stream.on('data', (answer: unknown) => {
      stream.end();
      resolve(answer as Record<string, unknown>);
    });
    stream.write(request);
  });
}

describe('startGrpcServer', () => {
  it('answers calls on a free port', async () => {
    const server = await start();
    expect(server.address).toBe(`127.0.0.1:${server.port}`);
    expect(await echo(connect(server), 10)).toHaveLength(10);
  });

  it('says port_in_use with host and port', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({
      code: 'port_in_use',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });

  it('refuses a message over the limit and goes on', async () => {
    const client = connect(await start({ maxReceiveBytes: 1000 }));
    await expect(echo(client, 2000)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await echo(client, 900)).toHaveLength(900);
  });

  it('reports health per service and as a whole', async () => {
    const server = await start();
    const name = 'glitchwatch.v1.IngestService';
    expect(await healthStatus(server, name)).toBe('SERVING');
    expect(await healthStatus(server, '')).toBe('SERVING');
    server.setServing(name, false);
    expect(await healthStatus(server, name)).toBe('NOT_SERVING');
    await expect(healthStatus(server, 'nobody')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('reflects the services that it serves, and their messages', async () => {
    const server = await start();
    const list = await reflect(server, { listServices: '' });
    expect(list.listServicesResponse).toEqual({
      service: [{ name: 'glitchwatch.v1.IngestService' }],
    });
    const file = await reflect(server, { fileContainingSymbol: 'glitchwatch.v1.Glitch' });
    const { fileDescriptorProto } = file.fileDescriptorResponse as {
      fileDescriptorProto: Buffer[];
    };
    expect(Buffer.concat(fileDescriptorProto).includes('peak_gps_ns')).toBe(true);
  });

  it('refuses a malformed descriptor set, naming the byte', async () => {
    await expect(start({ descriptorSet: Uint8Array.of(0x0a, 9, 1) })).rejects.toMatchObject({
      code: 'bad_config',
      message: expect.stringContaining('byte 2'),
    });
  });

  it('may be closed twice and then is gone', async () => {
    const server = await start();
    const client = connect(server);
    await echo(client, 1);
    await Promise.all([server.close(), server.close()]);
    await expect(echo(client, 1)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});
