import { Glitch, glitchIdOf, messageHeaders, topics } from '@glitchwatch/proto';
import type { Fault } from './observatory/fault.js';
import { randomFrom, scaled, seed } from './observatory/scale.js';

const GLITCHES = scaled(120, 16);
const TIMES = 3;
const GROUP = 8;

/** Every glitch three times and in another order each time, at all replicas at once; then once more past ingest. */
export const repeatsAndDisorder: Fault = {
  name: 'triggers repeated and out of order',
  async happen({ night, feeder, log }) {
    const random = randomFrom(seed + 9);
    const glitches = night.take(GLITCHES);
    const orders = Array.from({ length: TIMES }, () => shuffled(glitches, random));
    await Promise.all(orders.map((order) => inGroups(order, (group) => feeder.submit(group))));
    // Another writer of the topic, who knows nothing of the dedupe window.
    await log.append(
      shuffled(glitches, random)
        .slice(0, GLITCHES / 2)
        .map(triggerRecord),
    );
    await feeder.more(4);
    return {
      rounds: 1,
      note: `${GLITCHES} glitches handed in ${TIMES} times, half of them once more behind ingest`,
    };
  },
};

async function inGroups(
  glitches: readonly Glitch[],
  submit: (group: readonly Glitch[]) => Promise<void>,
): Promise<void> {
  for (let i = 0; i < glitches.length; i += GROUP) await submit(glitches.slice(i, i + GROUP));
}

function triggerRecord(glitch: Glitch) {
  const { ifo = '', peakGpsNs, channel = '', externalId = '' } = glitch.trigger ?? {};
  const glitchId = glitchIdOf({ ifo, peakGpsNs, channel, externalId });
  const trigger = { ...glitch.trigger, glitchId };
  return {
    topic: topics.triggers,
    key: glitchId,
    value: Glitch.encode(Glitch.fromPartial({ ...glitch, trigger })).finish(),
    headers: messageHeaders('Glitch', glitchId),
  };
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
