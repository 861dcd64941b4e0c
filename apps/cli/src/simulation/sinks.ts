import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ingestConfigSchema, openIngestor } from '@glitchwatch/ingest';
import { createLogger, createRegistry, parseConfig, systemClock } from '@glitchwatch/service-kit';
import type { PlannedGlitch, SimulatedGlitch } from '@glitchwatch/simulator';
import { gravitySpyFileName, renderPng } from '@glitchwatch/spectrogram';
import { csvText, gpsSeconds } from '../run/tables.js';
import { openStores, type StoreFlags, storeSettingsOf } from '../stores.js';
import { toGlitch } from './to-glitch.js';

export interface Simulated {
  readonly plan: PlannedGlitch;
  readonly glitch: SimulatedGlitch;
}

export interface SimulationSink {
  put(simulated: Simulated): Promise<void>;
  close(): Promise<void>;
}

const externalIdOf = (seed: number, n: number) => `sim${seed}x${String(n).padStart(6, '0')}`;

/** Pictures and a CSV as Gravity Spy publishes them: `ingest images` reads them back. */
export async function folderSink(dir: string, seed: number): Promise<SimulationSink> {
  await mkdir(dir, { recursive: true });
  const rows: (string | number)[][] = [];
  return {
    async put({ plan, glitch }) {
      const folder = join(dir, glitch.className);
      await mkdir(folder, { recursive: true });
      const externalId = externalIdOf(seed, plan.n);
      for (const { windowSec, grid } of glitch.grids) {
        const name = gravitySpyFileName({ ifo: glitch.ifo, externalId, windowSec });
        await writeFile(join(folder, name), await renderPng(grid, { windowSec }));
      }
      rows.push([
        glitch.ifo,
        externalId,
        glitch.className,
        gpsSeconds(glitch.peakGpsNs),
        glitch.snr,
        glitch.peakFrequencyHz,
        glitch.bandwidthHz,
        glitch.durationSec,
        'SIMULATED-STRAIN',
      ]);
    },
    async close() {
      const header = [
        'ifo',
        'gravityspy_id',
        'label',
        'event_time',
        'snr',
        'peak_frequency',
        'bandwidth',
        'duration',
        'channel',
      ];
      await writeFile(join(dir, 'metadata.csv'), csvText(header, rows));
    },
  };
}

/** What was put in, which no search would know: one line for each glitch. */
export function truthSink(path: string, seed: number): SimulationSink {
  const rows: (string | number | undefined)[][] = [];
  return {
    async put({ plan, glitch }) {
      rows.push([
        plan.n,
        externalIdOf(seed, plan.n),
        glitch.ifo,
        gpsSeconds(glitch.peakGpsNs),
        glitch.className,
        glitch.injectedSnr,
        plan.choice.octaves ?? 0,
        plan.burst,
        glitch.overlap?.className,
        glitch.overlap?.offsetSec,
        glitch.overlap?.weight,
      ]);
    },
    async close() {
      const header = [
        'n',
        'external_id',
        'ifo',
        'event_time',
        'class',
        'injected_snr',
        'octaves',
        'burst',
        'overlap_class',
        'overlap_offset_sec',
        'overlap_weight',
      ];
      await writeFile(path, csvText(header, rows));
    },
  };
}

export async function logSink(flags: StoreFlags): Promise<SimulationSink> {
  const logger = createLogger({ name: 'simulate', level: 'warn' });
  const stores = await openStores(await storeSettingsOf(flags), logger);
  const ingestor = await openIngestor(parseConfig(ingestConfigSchema, {}, 'ingest'), {
    ...stores,
    logger,
    registry: createRegistry(),
    clock: systemClock,
  });
  return {
    async put({ glitch }) {
      await ingestor.submitGlitches([toGlitch(glitch, glitch.peakGpsNs)]);
    },
    async close() {
      await ingestor.close();
      await stores.close();
    },
  };
}
