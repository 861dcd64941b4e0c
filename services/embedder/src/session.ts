import { InferenceSession } from 'onnxruntime-node';
import { EmbedderError, reasonOf } from './errors.js';
import type { Device } from './inference-protocol.js';
import type { InputLayout, TensorShape } from './input-layout/index.js';
import type { ModelDescription } from './model-description.js';

export interface OpenedSession {
  readonly session: InferenceSession;
  readonly device: Device;
  readonly fallbackReason: string | undefined;
}

/**
 * One thread per session: more workers, not more threads per run, use more cores,
 * so no reduction is ever split differently from one run to the next.
 */
const options: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  // Errors only: falling back is reported by us, once, with its reason.
  logSeverityLevel: 3,
};

/** Opens the network on `device`, or on the CPU where that fails. */
export async function openSession(model: Uint8Array, device: Device): Promise<OpenedSession> {
  if (device === 'cpu') {
    const session = await InferenceSession.create(model, {
      ...options,
      executionProviders: ['cpu'],
    });
    return { session, device, fallbackReason: undefined };
  }
  try {
    const session = await InferenceSession.create(model, {
      ...options,
      executionProviders: ['cuda'],
    });
    return { session, device, fallbackReason: undefined };
  } catch (error) {
    const onCpu = await openSession(model, 'cpu');
    return { ...onCpu, fallbackReason: reasonOf(error) };
  }
}

function describe(metadata: readonly InferenceSession.ValueMetadata[]): string {
  return metadata
    .map((m) =>
      m.isTensor ? `${m.name} ${m.type} [${m.shape.join(', ')}]` : `${m.name} (no tensor)`,
    )
    .join('; ');
}

function checkTensor(
  kind: 'input' | 'output',
  expected: TensorShape,
  found: readonly InferenceSession.ValueMetadata[],
  where: string,
): void {
  const wanted = `${kind} "${expected.name}" ${expected.type} [batch, ${expected.dims.join(', ')}]`;
  const mismatch = (): EmbedderError =>
    new EmbedderError('model_mismatch', `${where}: expected ${wanted}, found ${describe(found)}`);
  const tensor = found.find((m) => m.name === expected.name);
  if (tensor === undefined || !tensor.isTensor || tensor.type !== expected.type) throw mismatch();
  // A name in place of a number is a free dimension; the canary run shows what it comes to.
  const [batch, ...dims] = tensor.shape;
  const fits =
    (typeof batch === 'string' || batch === 1) &&
    dims.length === expected.dims.length &&
    dims.every((dim, i) => typeof dim === 'string' || dim === expected.dims[i]);
  if (!fits) throw mismatch();
}

/**
 * Compares the session's tensors with what model.json promises. Throws
 * `model_mismatch` naming the tensor, what was expected and what is there.
 */
export function checkSession(
  session: InferenceSession,
  model: ModelDescription,
  layout: InputLayout,
  where: string,
): void {
  for (const input of layout.inputs) checkTensor('input', input, session.inputMetadata, where);
  const fed = new Set(layout.inputs.map((input) => input.name));
  const unfed = session.inputNames.filter((name) => !fed.has(name));
  if (unfed.length > 0) {
    throw new EmbedderError(
      'model_mismatch',
      `${where}: expected no inputs but ${[...fed].join(', ')}, found also ${unfed.join(', ')}`,
    );
  }
  checkTensor(
    'output',
    { name: model.output.name, type: 'float32', dims: [model.output.dimension] },
    session.outputMetadata,
    where,
  );
}
