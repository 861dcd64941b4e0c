import {
  type EmbedderServiceServer,
  EmbedderServiceService,
  type ExplainRequest,
  Explanation,
} from '@glitchwatch/proto';
import { createLogger, type GrpcServer, startGrpcServer } from '@glitchwatch/service-kit';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayConfigInput } from '../src/config.js';
import { type Bench, startBench } from './bench.js';
import { assignmentRecord, glitchRecord, idOf, modelRecord } from './messages.js';

let bench: Bench | undefined;
let embedder: GrpcServer | undefined;
afterEach(async () => {
  await bench?.close();
  await embedder?.close();
  bench = undefined;
  embedder = undefined;
});

/** An embedder's gRPC that notes what it is asked and answers what it is told to. */
async function startEmbedder(
  answer: (request: ExplainRequest) => Explanation | status = () =>
    Explanation.fromPartial({
      embedder: 'made-up',
      similarity: 0.75,
      windows: [{ windowSec: 0.5, rows: 1, columns: 2, importances: [0.5, -0.25] }],
    }),
) {
  const asked: ExplainRequest[] = [];
  const implementation: EmbedderServiceServer = {
    explain: ({ request }, callback) => {
      asked.push(request);
      const given = answer(request);
      if (typeof given === 'number') callback({ code: given, details: 'as told' });
      else callback(null, { explanation: given });
    },
  };
  embedder = await startGrpcServer({
    host: '127.0.0.1',
    port: 0,
    logger: createLogger({ name: 'test', level: 'silent' }),
    services: [{ definition: EmbedderServiceService, implementation }],
    descriptorSet: new URL(import.meta.resolve('@glitchwatch/proto/descriptors')).pathname,
  });
  return { asked, embedderAddress: embedder.address };
}

const explanation = async (n: number) => {
  const response = await bench!.get(`/v1/glitches/${idOf(n)}/explanation`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

/** Glitches 0 to 3, of which 0 is the exemplar of the family of 0 and 2, and 3 of no family. */
const start = (config: GatewayConfigInput) =>
  startBench(config, (log) =>
    log.append([
      ...[0, 1, 2, 3, 4].map((n) => glitchRecord(n)),
      assignmentRecord(0),
      assignmentRecord(2),
      assignmentRecord(3, { familyId: -1 }),
      modelRecord(1, [0]),
    ]),
  );

describe('GET /v1/glitches/:id/explanation', () => {
  it('holds a glitch against the exemplars of its family and its neighbours there', async () => {
    const { asked, embedderAddress } = await startEmbedder();
    bench = await start({ embedderAddress });
    expect(await explanation(2)).toEqual({
      status: 200,
      body: {
        glitchId: idOf(2),
        modelVersion: 1,
        familyId: 0,
        references: [idOf(0), idOf(3)],
        embedder: 'made-up',
        similarity: 0.75,
        windows: [{ windowSec: 0.5, rows: 1, columns: 2, importances: [0.5, -0.25] }],
      },
    });
    expect(asked[0]?.glitch?.trigger?.glitchId).toBe(idOf(2));
    expect(asked[0]?.references.map(({ trigger }) => trigger?.glitchId)).toEqual([
      idOf(0),
      idOf(3),
    ]);
  });

  it('holds one of no family against its nearest, and never against itself', async () => {
    const { embedderAddress } = await startEmbedder();
    bench = await start({ embedderAddress });
    expect((await explanation(3)).body).toMatchObject({ familyId: -1, references: [idOf(4)] });
    expect((await explanation(0)).body).toMatchObject({ familyId: 0, references: [idOf(1)] });
  });

  it('asks once for those who ask together and those who ask later', async () => {
    const { asked, embedderAddress } = await startEmbedder();
    bench = await start({ embedderAddress });
    await Promise.all([explanation(2), explanation(2)]);
    await explanation(2);
    expect(asked).toHaveLength(1);
    const { metric } = bench;
    expect(await metric('glitchwatch_gateway_explanations_total{outcome="asked"}')).toBe(1);
    expect(await metric('glitchwatch_gateway_explanations_total{outcome="cached"}')).toBe(1);
  });

  it('refuses more than its rate, and gives what it holds all the same', async () => {
    const { embedderAddress } = await startEmbedder();
    bench = await start({
      embedderAddress,
      explanationsPerSec: 0.001,
      explanationsBurst: 1,
    });
    expect((await explanation(2)).status).toBe(200);
    expect(await explanation(3)).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect((await explanation(2)).status).toBe(200);
  });

  it.each([
    [status.UNAVAILABLE, 503, 'embedder_away'],
    [status.RESOURCE_EXHAUSTED, 429, 'rate_limited'],
    [status.INVALID_ARGUMENT, 409, 'not_explainable'],
  ])('passes on what the embedder says: gRPC %s', async (code, http, ours) => {
    const { embedderAddress } = await startEmbedder(() => code);
    bench = await start({ embedderAddress });
    expect(await explanation(2)).toMatchObject({ status: http, body: { code: ours } });
  });

  it('says what is missing: an assignment, a glitch, an embedder', async () => {
    const { embedderAddress } = await startEmbedder();
    bench = await start({ embedderAddress });
    expect(await explanation(1)).toMatchObject({ status: 409, body: { code: 'not_explainable' } });
    expect(await explanation(9)).toMatchObject({ status: 404, body: { code: 'unknown_glitch' } });
    await bench.close();
    bench = await start({});
    expect(await explanation(2)).toMatchObject({
      status: 501,
      body: { code: 'explain_unavailable' },
    });
  });
});

describe('ExplainGlitch', () => {
  it('gives the same by gRPC', async () => {
    const { embedderAddress } = await startEmbedder();
    bench = await start({ embedderAddress });
    const { grpc } = bench;
    const answer = await new Promise<unknown>((resolve, reject) => {
      grpc.explainGlitch({ glitchId: idOf(2) }, (error, response) =>
        error === null ? resolve(response) : reject(error),
      );
    });
    expect(answer).toMatchObject({
      familyId: 0,
      referenceGlitchIds: [idOf(0), idOf(3)],
      explanation: { similarity: 0.75 },
    });
  });
});
