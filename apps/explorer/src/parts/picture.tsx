import { useState } from 'preact/hooks';
import type { WindowChoice } from '../data/gateway.js';
import { windowText } from '../words/numbers.js';
import { useExplorer } from './explorer-context.js';

/** Few sizes, so that the gateway's cache is hit. */
const drawnSizes = [96, 192, 256, 512] as const;

export interface PictureProps {
  readonly glitchId: string;
  readonly window?: WindowChoice;
  /** Edge in CSS pixels. */
  readonly size: number;
  readonly alt?: string;
}

/** One spectrogram. Keyed by glitch and window: a picture never stands beside another's facts. */
export function Picture({ glitchId, window: choice = 'preview', size, alt }: PictureProps) {
  const url = usePictureUrl(glitchId, choice, size);
  return <LoadedPicture key={url} url={url} size={size} alt={alt ?? altText(glitchId, choice)} />;
}

function LoadedPicture(props: {
  readonly url: string;
  readonly size: number;
  readonly alt: string;
}) {
  const [state, setState] = useState<'loading' | 'shown' | 'failed'>('loading');
  if (state === 'failed') {
    return (
      <span class="picture failed" style={{ width: `${props.size}px`, height: `${props.size}px` }}>
        no picture
      </span>
    );
  }
  return (
    <img
      class={`picture ${state}`}
      src={props.url}
      width={props.size}
      height={props.size}
      alt={props.alt}
      decoding="async"
      draggable={false}
      onLoad={() => setState('shown')}
      onError={() => setState('failed')}
    />
  );
}

export function usePictureUrl(glitchId: string, choice: WindowChoice, size: number): string {
  const { gateway } = useExplorer();
  const wanted = size * Math.min(2, window.devicePixelRatio);
  const drawn = drawnSizes.find((candidate) => candidate >= wanted * 0.95) ?? 512;
  return gateway.pictureUrl(glitchId, choice, drawn);
}

function altText(glitchId: string, choice: WindowChoice): string {
  const window = choice === 'preview' ? '' : `, window of ${windowText(choice)}`;
  return `Spectrogram of glitch ${glitchId.slice(0, 8)}${window}`;
}
