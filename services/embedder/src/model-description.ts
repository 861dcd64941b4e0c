import { z } from 'zod';

/** No embedder may be wider: 1,000,000 float32 vectors of it are 8 GB. */
export const MAX_DIMENSION = 2048;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits');
const tensorName = z.string().min(1);

const messageGridsInput = z.strictObject({
  layout: z.literal('message-grids'),
  gridTensor: tensorName,
  maskTensor: tensorName,
  /** `uint8`: the grids as they are; what `normalisation` would do is in the graph. */
  gridType: z.enum(['float32', 'uint8']).default('float32'),
  nFrequency: z.int().min(1).max(1024),
  nTime: z.int().min(1).max(1024),
});

const rgbImageInput = z
  .strictObject({
    layout: z.literal('rgb-image'),
    imageTensor: tensorName,
    widthPx: z.int().min(1).max(1024),
    heightPx: z.int().min(1).max(1024),
    colourMap: z.literal('viridis'),
    energyMin: z.number(),
    energyMax: z.number(),
  })
  .refine((input) => input.energyMax > input.energyMin, {
    path: ['energyMax'],
    message: 'expected more than energyMin',
  });

const fileName = z
  .string()
  .regex(/^[A-Za-z0-9._-]+$/, 'expected a plain file name beside model.json');

const headSchema = z.strictObject({
  file: fileName,
  sha256,
  dimension: z.int().min(2).max(MAX_DIMENSION),
});

/** `models/<name>/model.json`: how a network is fed and read; see models/README.md. */
export const modelDescriptionSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'expected lower-case letters, digits, . and -'),
    version: z.string().min(1),
    file: fileName.nullable(),
    sha256: sha256.nullable(),
    knownSha256: z.array(sha256),
    input: z.discriminatedUnion('layout', [messageGridsInput, rgbImageInput]),
    normalisation: z.strictObject({
      divideBy: z.number().positive(),
      mean: z.array(z.number()),
      std: z.array(z.number().positive()),
    }),
    output: z.strictObject({
      name: tensorName,
      dimension: z.int().min(2).max(MAX_DIMENSION),
    }),
    /** A matrix that the network's vector goes through; what `finetune` makes. */
    head: headSchema.optional(),
    windowsSec: z.array(z.number().positive()).min(1).max(8),
    missingWindows: z.enum(['mask', 'skip']),
    fuse: z.enum(['inside', 'mean']),
    licence: z.string().min(1),
    trainedBy: z.string().min(1),
  })
  .superRefine((model, context) => {
    const channels = model.input.layout === 'rgb-image' ? 3 : 1;
    for (const field of ['mean', 'std'] as const) {
      const found = model.normalisation[field].length;
      if (found !== channels) {
        context.addIssue({
          code: 'custom',
          path: ['normalisation', field],
          message: `expected ${channels} value(s) for layout "${model.input.layout}", found ${found}`,
        });
      }
    }
    const { divideBy, mean, std } = model.normalisation;
    const raw = model.input.layout === 'message-grids' && model.input.gridType === 'uint8';
    if (raw && (divideBy !== 1 || mean[0] !== 0 || std[0] !== 1)) {
      context.addIssue({
        code: 'custom',
        path: ['normalisation'],
        message: 'expected divideBy 1, mean [0] and std [1] for grids of type "uint8"',
      });
    }
    const rules = model.input.layout === 'rgb-image' ? ['skip', 'mean'] : ['mask', 'inside'];
    if (model.missingWindows !== rules[0] || model.fuse !== rules[1]) {
      context.addIssue({
        code: 'custom',
        path: ['missingWindows'],
        message:
          `layout "${model.input.layout}" goes with missingWindows "${rules[0]}" and fuse ` +
          `"${rules[1]}", found "${model.missingWindows}" and "${model.fuse}"`,
      });
    }
    if (model.windowsSec.some((sec, i) => i > 0 && sec <= (model.windowsSec[i - 1] as number))) {
      context.addIssue({
        code: 'custom',
        path: ['windowsSec'],
        message: 'expected windows in growing order, each once',
      });
    }
  });

export type ModelDescription = z.infer<typeof modelDescriptionSchema>;
/** Length of the vectors that leave the embedder. */
export function dimensionOf({ head, output }: ModelDescription): number {
  return head?.dimension ?? output.dimension;
}

export type MessageGridsInput = z.infer<typeof messageGridsInput>;
export type RgbImageInput = z.infer<typeof rgbImageInput>;
