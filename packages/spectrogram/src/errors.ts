/**
 * What can be wrong with a picture, a grid or a file name. Callers branch on
 * the code; the message names what was expected and what was found.
 *
 * - `not_a_png`: the bytes do not begin as a PNG file does
 * - `truncated`: a PNG that ends before its last chunk
 * - `corrupt`: a complete PNG whose contents cannot be decoded
 * - `too_large`: more pixels or bytes than any Gravity Spy picture has
 * - `unknown_layout`: neither a full figure nor a cropped axes area
 * - `not_viridis`: the plot is not drawn in the viridis colours
 * - `bad_grid`: shape and data of a grid disagree, or its code is damaged
 * - `bad_render`: a picture was asked for with a size or option that cannot be drawn
 * - `bad_scan`: strain or settings that cannot be scanned by the Q-transform
 */
export type SpectrogramErrorCode =
  | 'not_a_png'
  | 'truncated'
  | 'corrupt'
  | 'too_large'
  | 'unknown_layout'
  | 'not_viridis'
  | 'bad_grid'
  | 'bad_render'
  | 'bad_scan';

export class SpectrogramError extends Error {
  override readonly name = 'SpectrogramError';
  readonly code: SpectrogramErrorCode;

  constructor(code: SpectrogramErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
