import { writeFile } from 'node:fs/promises';
import {
  createScanPool,
  createStrainLibrary,
  KNOWN_EVENTS,
  knownEventAt,
  middleOf,
  parseGpsSeconds,
  type Scan,
  type ScanPool,
  type StrainSeries,
  seriesAround,
} from '@glitchwatch/ingest';
import { renderPng, renderScanSheet, WINDOWS_SEC } from '@glitchwatch/spectrogram';
import { Command, InvalidArgumentError, Option } from 'commander';
import { CliError } from '../errors.js';
import { jsonOption } from '../options.js';
import { printJson, printLine, say } from '../output.js';
import { gpsSeconds } from '../run/tables.js';

interface QscanFlags {
  readonly strain: string;
  readonly gps: bigint;
  readonly out: string;
  readonly window?: number;
  readonly ifo?: string;
  readonly channel?: string;
  readonly json?: boolean;
}

/** The series that holds the time; a file with several must be told which. */
async function seriesFor(pool: ScanPool, flags: QscanFlags): Promise<StrainSeries> {
  const { strain, gps, ifo, channel } = flags;
  const library = createStrainLibrary({
    pool,
    choice: { ifo, channel },
    onProblem: ({ message }) => say(`note: ${message}`),
  });
  const series = await library.add(strain);
  const names = series.map((each) => `${each.ifo} ${each.channel}`).join(', ');
  const [only] = series;
  if (only === undefined) {
    throw new CliError(
      'bad_usage',
      `${strain}: expected strain of ${[ifo, channel].filter(Boolean).join(' ')}, found none`,
    );
  }
  if (series.length > 1) {
    throw new CliError('bad_usage', `${strain} holds ${names}: --ifo or --channel says which`);
  }
  if (gps < only.startGpsNs || gps >= only.endGpsNs) {
    const [from, to] = [only.startGpsNs, only.endGpsNs].map(gpsSeconds);
    throw new CliError(
      'bad_usage',
      `--gps ${gpsSeconds(gps)}: expected a time from ${from} to ${to} in ${strain}`,
    );
  }
  return only;
}

async function scanAt(pool: ScanPool, flags: QscanFlags): Promise<Scan & { readonly ifo: string }> {
  const series = await seriesFor(pool, flags);
  const middleSec = middleOf(flags.gps);
  const { scans } = await pool.scan({
    series: seriesAround([series], middleSec),
    middleSec,
    windowsSec: flags.window === undefined ? WINDOWS_SEC : [flags.window],
    asFigure: true,
    gpsNs: [flags.gps],
  });
  const [scan] = scans;
  if (scan === undefined) throw new CliError('pipeline_failed', `${flags.strain}: no scan came`);
  if ('problem' in scan) throw new CliError('nothing_to_do', scan.problem.message);
  return { ...scan, ifo: series.ifo };
}

async function runQscan(flags: QscanFlags): Promise<void> {
  const pool = createScanPool({ size: 1 });
  try {
    const scan = await scanAt(pool, flags);
    const { ifo, channel, windows, peak, leftOutSec, quality } = scan;
    const title = `${ifo} ${channel} at GPS ${gpsSeconds(flags.gps).replace(/\.?0+$/, '')}, Q of ${peak.q.toFixed(1)}`;
    const grids = windows.map(({ windowSec, ...grid }) => ({ windowSec, grid }));
    const [first] = grids;
    await writeFile(
      flags.out,
      flags.window === undefined || first === undefined
        ? await renderScanSheet(grids, title)
        : await renderPng(first.grid, { windowSec: first.windowSec, title }),
    );
    const signal = knownEventAt(flags.gps, KNOWN_EVENTS)?.name ?? null;
    const result = {
      ifo,
      channel,
      gps: gpsSeconds(flags.gps),
      peak_gps: gpsSeconds(peak.gpsNs),
      peak_frequency_hz: peak.frequencyHz,
      q: peak.q,
      snr: peak.snr,
      energy: peak.energy,
      windows: windows.map(({ windowSec }) => windowSec),
      data_quality: quality?.dataQuality ?? null,
      injections: quality?.injections ?? null,
      known_event: signal,
      out: flags.out,
    };
    for (const windowSec of leftOutSec) {
      say(`note: the ${windowSec} s window reaches beyond the strain and is left out`);
    }
    if (flags.json) printJson(result);
    else {
      const known = [signal, ...(quality?.injections ?? []).map((kind) => `${kind} injection`)];
      const mark = known.filter((name) => name !== null).join(', ');
      printLine(
        `${ifo} ${result.peak_gps}: ${peak.frequencyHz} Hz, SNR ${peak.snr.toFixed(1)}, Q ${peak.q.toFixed(1)}${mark === '' ? '' : ` (${mark})`}: ${flags.out}`,
      );
    }
  } finally {
    await pool.close();
  }
}

function gpsTime(text: string): bigint {
  const ns = parseGpsSeconds(text);
  if (ns === undefined) throw new InvalidArgumentError('expected GPS seconds as a decimal number.');
  return ns;
}

function windowLength(text: string): number {
  const value = Number(text);
  if (WINDOWS_SEC.includes(value)) return value;
  throw new InvalidArgumentError(`expected one of ${WINDOWS_SEC.join(', ')}.`);
}

export function qscanCommand(): Command {
  return new Command('qscan')
    .description('one omega scan of strain as a picture, drawn as Gravity Spy does')
    .requiredOption('--strain <file>', 'HDF5 of GWOSC, or of GWpy')
    .addOption(
      new Option('--gps <t>', 'middle of the windows, GPS seconds')
        .makeOptionMandatory()
        .argParser(gpsTime),
    )
    .requiredOption('--out <png>', 'picture to write: four windows, or one with --window')
    .addOption(new Option('--window <s>', 'only this: 0.5, 1, 2 or 4 s').argParser(windowLength))
    .option('--ifo <name>', 'detector, where the file has several')
    .option('--channel <name>', 'channel, where the file has several')
    .addOption(jsonOption())
    .action((flags: QscanFlags) => runQscan(flags));
}
