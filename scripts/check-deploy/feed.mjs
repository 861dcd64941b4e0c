// Gives every panel something to show: glitches by the public address, the same
// again, refused ones, requests to the gateway, and a record that no service can read.
import { topics } from '@glitchwatch/proto';
import { createLogger } from '@glitchwatch/service-kit';
import { createSimulator } from '@glitchwatch/simulator';
import { encodeGrid } from '@glitchwatch/spectrogram';
import { openEventLog } from '@glitchwatch/stores';

/** `count` different glitches as POST /v1/triggers takes them. */
export function simulatedTriggers(count, seed) {
  const simulator = createSimulator({ seed });
  return Array.from({ length: count }, (_, index) => {
    const { ifo, snr, peakFrequencyHz, durationSec, bandwidthHz, grids } = simulator.next();
    return {
      ifo,
      peakGpsNs: String(1_400_000_000_000_000_000n + BigInt(index) * 7_000_000_000n),
      channel: 'CHECK-STRAIN',
      snr,
      peakFrequencyHz,
      durationSec,
      bandwidthHz,
      grids: grids.map(({ windowSec, grid }) => ({
        windowSec,
        nFrequency: grid.nFrequency,
        nTime: grid.nTime,
        data: Buffer.from(encodeGrid(grid)).toString('base64'),
        origin: 'check',
      })),
    };
  });
}

/** @returns the answer of ingest; 4xx is one too. */
export async function postTriggers(ingestUrl, triggers) {
  const response = await fetch(`${ingestUrl}/v1/triggers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(triggers),
  });
  return { status: response.status, ...(await response.json()) };
}

/** What browsers ask for: the page, the map, pictures (drawn and cached), one that is not there. */
export async function visitGateway(gatewayUrl, glitchId) {
  const paths = ['/', '/v1/status', '/v1/map', '/v1/families', `/v1/glitches/${glitchId}`];
  paths.push(
    `/v1/glitches/${glitchId}/windows/0.5.png`,
    `/v1/glitches/${glitchId}/windows/0.5.png`,
  );
  for (const path of paths) {
    const response = await fetch(gatewayUrl + path);
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status}`);
  }
  const absent = await fetch(`${gatewayUrl}/v1/glitches/${'0'.repeat(32)}`);
  await absent.arrayBuffer();
  if (absent.status !== 404) throw new Error(`an unknown glitch gave ${absent.status}`);
}

/** Bytes that are no message, in the topics that embedder and clusterer read. */
export async function appendPoison(settings) {
  const log = await openEventLog(settings, createLogger({ name: 'check', level: 'error' }));
  try {
    const value = Uint8Array.of(0xff, 0xff, 0xff, 0xff);
    const records = [topics.triggers, topics.embeddings].map((topic) => ({
      topic,
      key: 'x',
      value,
    }));
    await log.append(records);
  } finally {
    await log.close();
  }
}
