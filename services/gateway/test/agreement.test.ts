import { Feedback, GetAgreementRequest, LabelGlitchRequest, topics } from '@glitchwatch/proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, startBench, until } from './bench.js';
import { assignmentRecord, glitchRecord, idOf, modelRecord } from './messages.js';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

interface AgreementBody {
  readonly nLabelled: number;
  readonly nUnassigned: number;
  readonly nDisagreements: number;
  readonly inFamilies: { readonly n: number; readonly purity: number; readonly vMeasure: number };
  readonly families: readonly {
    readonly familyId: number;
    readonly purity: number;
    readonly majorityLabel: string;
    readonly confident: boolean;
    readonly labels: readonly { readonly label: string; readonly count: number }[];
    readonly ambiguous: readonly { readonly glitchId: string }[];
  }[];
  readonly labels: readonly { readonly label: string; readonly effectiveFamilies: number }[];
  readonly disagreements: readonly {
    readonly glitchId: string;
    readonly label: string;
    readonly familyLabel: string;
    readonly byPerson: boolean;
  }[];
}

/** Ten glitches called Blip in family 0, three called Tomte in family 1, one of them unassigned. */
function labelled() {
  return [
    modelRecord(1),
    ...Array.from({ length: 10 }, (_, n) =>
      assignmentRecord(n, { familyId: 0, label: n === 9 ? '' : 'Blip' }),
    ),
    ...[10, 11].map((n) => assignmentRecord(n, { familyId: 1, label: 'Tomte' })),
    assignmentRecord(12, { familyId: -1, label: 'Tomte' }),
    ...Array.from({ length: 13 }, (_, n) => glitchRecord(n)),
  ];
}

async function putLabel(glitchId: string, body: unknown): Promise<Response> {
  return await fetch(`${bench?.service.httpUrl}/v1/glitches/${glitchId}/label`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('labels and families', () => {
  it('agree or not, as a person corrects them, also after a restart', async () => {
    bench = await startBench({}, (log) => log.append(labelled()));
    const path = '/v1/agreement?family=0&ambiguous=3';
    const before = await bench.json<AgreementBody>(path);
    expect(before).toMatchObject({ nLabelled: 12, nUnassigned: 1, nDisagreements: 0 });
    expect(before.inFamilies).toMatchObject({ n: 11, purity: 1 });
    expect(before.inFamilies.vMeasure).toBeCloseTo(1, 12);
    expect(before.families[0]).toMatchObject({
      familyId: 0,
      purity: 1,
      majorityLabel: 'Blip',
      confident: true,
      labels: [{ label: 'Blip', count: 9 }],
    });
    expect(before.families[0]?.ambiguous).toHaveLength(3);

    // The answer says that it counts already.
    const put = await putLabel(idOf(9), { label: ' Koi Fish ', by: 'ada' });
    expect([put.status, await put.json()]).toEqual([200, { glitchId: idOf(9), label: 'Koi Fish' }]);
    const after = await bench.json<AgreementBody>(path);
    expect(after).toMatchObject({ nLabelled: 13, nDisagreements: 1 });
    expect(after.families[0]).toMatchObject({ purity: 0.9 });
    expect(after.disagreements).toMatchObject([
      { glitchId: idOf(9), label: 'Koi Fish', familyLabel: 'Blip', byPerson: true },
    ]);
    expect(await bench.metric('glitchwatch_gateway_disagreements')).toBe(1);
    expect(await bench.metric('glitchwatch_gateway_family_purity_ratio{family="0"}')).toBe(0.9);
    expect(await bench.metric('glitchwatch_gateway_labelled_glitches{family="none"}')).toBe(1);
    expect(await bench.metric('glitchwatch_gateway_label_families{label="Tomte"}')).toBe(1);
    const glitch = await bench.json<{ personLabel: object }>(`/v1/glitches/${idOf(9)}`);
    expect(glitch.personLabel).toMatchObject({ label: 'Koi Fish', by: 'ada' });

    const again = await bench.restart();
    bench = again;
    expect(await again.json<AgreementBody>(path)).toEqual(after);
    await putLabel(idOf(9), { label: '' });
    expect((await again.json<AgreementBody>(path)).nLabelled).toBe(12);
  });

  it('are served over gRPC too, and a refit moves a label with its glitch', async () => {
    bench = await startBench({}, (log) => log.append(labelled()));
    const { grpc } = bench;
    const label = await new Promise<string>((resolve, reject) =>
      grpc.labelGlitch(
        LabelGlitchRequest.fromPartial({ glitchId: idOf(10), label: 'Blip', by: 'ada' }),
        (error, answer) => (error ? reject(error) : resolve(answer.label)),
      ),
    );
    expect(label).toBe('Blip');
    const ask = () =>
      new Promise<readonly (readonly [number, bigint, number])[]>((resolve, reject) =>
        grpc.getAgreement(GetAgreementRequest.fromPartial({}), (error, answer) =>
          error
            ? reject(error)
            : resolve(
                (answer.agreement?.families ?? []).map(
                  ({ familyId, nLabelled, purity }) => [familyId, nLabelled, purity] as const,
                ),
              ),
        ),
      );
    expect(await ask()).toEqual([
      [0, 9n, 1],
      [1, 2n, 0.5],
      [-1, 1n, 1],
    ]);
    await bench.log.append([assignmentRecord(10, { familyId: 0, version: 2, label: 'Tomte' })]);
    await until(async () => (await ask())[0]?.[1] === 10n);
    expect(await ask()).toEqual([
      [0, 10n, 1],
      [-1, 1n, 1],
      [1, 1n, 1],
    ]);
  });

  it('refuse what makes no sense, and skip a record that is none', async () => {
    bench = await startBench({ maxLabels: 2 }, (log) =>
      log.append([
        ...labelled(),
        { topic: topics.feedback, key: 'x', value: Uint8Array.from([0xff, 0xff]) },
        {
          topic: topics.feedback,
          key: 'y',
          value: Feedback.encode(Feedback.fromPartial({})).finish(),
        },
      ]),
    );
    expect(await bench.metric('glitchwatch_gateway_errors_total{code="bad_message"}')).toBe(1);
    const refusals = [
      [await putLabel('ab'.repeat(16), { label: 'Blip' }), 404, 'unknown_glitch'],
      [await putLabel(idOf(1), { label: 'x'.repeat(65) }), 400, 'invalid_argument'],
      [await putLabel(idOf(1), { label: 'a\u0007' }), 400, 'invalid_argument'],
      [await putLabel(idOf(1), { lable: 'Blip' }), 400, 'invalid_argument'],
      [await putLabel(idOf(1), { label: 'A third one' }), 409, 'too_many_labels'],
      [await bench.get('/v1/agreement?disagreements=5000'), 400, 'invalid_argument'],
      [await bench.get('/v1/agreement?family=seven'), 400, 'invalid_argument'],
    ] as const;
    for (const [response, status, code] of refusals) {
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
        status,
        code,
      ]);
    }
  });
});
