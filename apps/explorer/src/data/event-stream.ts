import type { StreamListener } from './gateway.js';
import type { Alert, LiveEvent, Placement } from './messages.js';

const readers: Readonly<Record<string, (data: string) => LiveEvent>> = {
  assignment: (data) => ({ kind: 'assignment', placement: JSON.parse(data) as Placement }),
  alert: (data) => ({ kind: 'alert', alert: JSON.parse(data) as Alert }),
  model: () => ({ kind: 'model' }),
  map: () => ({ kind: 'map' }),
};

/** The browser reconnects by itself, with the id of the last event; a refusal ends that. */
export function followEvents(url: string, listener: StreamListener): () => void {
  const source = new EventSource(url);
  source.onopen = () => listener.onState('open');
  source.onerror = () => {
    listener.onState(source.readyState === EventSource.CLOSED ? 'refused' : 'broken');
  };
  for (const [name, read] of Object.entries(readers)) {
    source.addEventListener(name, (message: MessageEvent<string>) => {
      listener.onEvent(read(message.data));
    });
  }
  return () => source.close();
}
