import { describe, expect, it } from 'vitest';
import type { MessageGridsInput, ModelDescription } from '../model-description.js';
import { messageGridsLayout } from './message-grids.js';

const normalisation = { divideBy: 255, mean: [0.5], std: [2] };

function feedOf(gridType: 'float32' | 'uint8', slots: readonly (readonly [number, number])[][]) {
  const input: MessageGridsInput = {
    layout: 'message-grids',
    gridTensor: 'grids',
    maskTensor: 'mask',
    gridType,
    nFrequency: 1,
    nTime: 2,
  };
  const model = { windowsSec: [0.5, 1, 2], normalisation } as unknown as ModelDescription;
  const layout = messageGridsLayout(model, input);
  let fed = {};
  for (const windows of slots) {
    const decoded = windows.map(([slot, level]) => ({ slot, data: Uint8Array.of(level, 255) }));
    const [feed] = layout.feeds(decoded);
    const { grids, mask } = feed!;
    fed = { dims: grids!.dims, type: grids!.type, grids: [...grids!.data], mask: [...mask!.data] };
  }
  return { fed, inputs: layout.inputs };
}

describe('message grids as tensors', () => {
  it('uint8: the bytes as they are, zeros where a window is missing now', () => {
    const { fed, inputs } = feedOf('uint8', [
      [
        [0, 9],
        [1, 8],
      ],
      [[1, 7]],
    ]);
    expect(fed).toEqual({
      dims: [1, 3, 1, 2],
      type: 'uint8',
      grids: [0, 0, 7, 255, 0, 0],
      mask: [0, 1, 0],
    });
    expect(inputs).toEqual([
      { name: 'grids', type: 'uint8', dims: [3, 1, 2] },
      { name: 'mask', type: 'float32', dims: [3] },
    ]);
  });

  it('float32: normalised, zeros where a window is missing', () => {
    const { fed } = feedOf('float32', [[[2, 51]]]);
    const value = (level: number): number => Math.fround((level / 255 - 0.5) / 2);
    expect(fed).toMatchObject({
      type: 'float32',
      grids: [0, 0, 0, 0, value(51), value(255)],
      mask: [0, 0, 1],
    });
  });
});
