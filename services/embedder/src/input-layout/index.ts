import type { ModelDescription } from '../model-description.js';
import type { InputLayout } from './base.js';
import { messageGridsLayout } from './message-grids.js';
import { rgbImageLayout } from './rgb-image.js';

export type { DecodedWindow, InputLayout, TensorShape } from './base.js';

/** The layout that model.json asks for. */
export function inputLayoutOf(model: ModelDescription): InputLayout {
  const { input } = model;
  switch (input.layout) {
    case 'message-grids':
      return messageGridsLayout(model, input);
    case 'rgb-image':
      return rgbImageLayout(model, input);
    default: {
      const unknown: never = input;
      throw new TypeError(`no such input layout: ${JSON.stringify(unknown)}`);
    }
  }
}
