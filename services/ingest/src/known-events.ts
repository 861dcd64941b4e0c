import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';
import { IngestError } from './errors.js';
import { parseGpsSeconds } from './gps-time.js';
import { quoted } from './validate-trigger.js';

/** A gravitational wave that was published: its trace in a detector is no glitch. */
export interface KnownEvent {
  readonly name: string;
  readonly gpsNs: bigint;
  /** How well the time is known. */
  readonly withinNs: bigint;
}

const NS_PER_SEC = 1_000_000_000n;
/** The wave is in the band for a while before it ends. */
const NEAR_NS = NS_PER_SEC;
const EXACT_NS = 0n;
/** A name tells the second. */
const HALF_SECOND_NS = NS_PER_SEC / 2n;

const GPS_EPOCH_MS = Date.UTC(1980, 0, 6);
/** Leap seconds since 1980, as from 2017 on. */
const LEAP_SEC = 18;

/** GWTC-1 (Abbott et al. 2019, Phys. Rev. X 9, 031040), GPS seconds. */
const FIRST_CATALOGUE: readonly (readonly [name: string, gps: string])[] = [
  ['GW150914', '1126259462.4'],
  ['GW151012', '1128678900.4'],
  ['GW151226', '1135136350.6'],
  ['GW170104', '1167559936.6'],
  ['GW170608', '1180922494.5'],
  ['GW170729', '1185389807.3'],
  ['GW170809', '1186302519.8'],
  ['GW170814', '1186741861.5'],
  ['GW170817', '1187008882.4'],
  ['GW170818', '1187058327.1'],
  ['GW170823', '1187529256.5'],
];

/** GWTC-2.1 and GWTC-3, and GW230529; a name is the time in UTC. */
const LATER_NAMES = `
  GW190403_051519 GW190408_181802 GW190412_053044 GW190413_052954
  GW190413_134308 GW190421_213856 GW190425_081805 GW190426_190642
  GW190503_185404 GW190512_180714 GW190513_205428 GW190514_065416
  GW190517_055101 GW190519_153544 GW190521_030229 GW190521_074359
  GW190527_092055 GW190602_175927 GW190620_030421 GW190630_185205
  GW190701_203306 GW190706_222641 GW190707_093326 GW190708_232457
  GW190719_215514 GW190720_000836 GW190725_174728 GW190727_060333
  GW190728_064510 GW190731_140936 GW190803_022701 GW190805_211137
  GW190814_211039 GW190828_063405 GW190828_065509 GW190910_112807
  GW190915_235702 GW190916_200658 GW190917_114630 GW190924_021846
  GW190925_232845 GW190926_050336 GW190929_012149 GW190930_133541
  GW191103_012549 GW191105_143521 GW191109_010717 GW191113_071753
  GW191126_115259 GW191127_050227 GW191129_134029 GW191204_110529
  GW191204_171526 GW191215_223052 GW191216_213338 GW191219_163120
  GW191222_033537 GW191230_180458 GW200105_162426 GW200112_155838
  GW200115_042309 GW200128_022011 GW200129_065458 GW200202_154313
  GW200208_130117 GW200208_222617 GW200209_085452 GW200210_092254
  GW200216_220804 GW200219_094415 GW200220_061928 GW200220_124850
  GW200224_222234 GW200225_060421 GW200302_015811 GW200306_093714
  GW200308_173609 GW200311_115853 GW200316_215756 GW200322_091133
  GW230529_181500
`;

export const KNOWN_EVENTS: readonly KnownEvent[] = [
  ...FIRST_CATALOGUE.map(([name, gps]) => ({
    name,
    gpsNs: parseGpsSeconds(gps) ?? 0n,
    withinNs: EXACT_NS,
  })),
  ...(LATER_NAMES.match(/\S+/g) ?? []).map((name) => ({
    name,
    gpsNs: gpsOfName(name),
    withinNs: HALF_SECOND_NS,
  })),
];

/** Middle of the second that a name of 2017 or later tells: GW190412_053044. */
function gpsOfName(name: string): bigint {
  const parts = /^GW(\d\d)(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)$/.exec(name)?.slice(1).map(Number);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts ?? [];
  const utcMs = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  return BigInt((utcMs - GPS_EPOCH_MS) / 1000 + LEAP_SEC) * NS_PER_SEC + HALF_SECOND_NS;
}

/** The event within a second of a time. */
export function knownEventAt(gpsNs: bigint, events: readonly KnownEvent[]): KnownEvent | undefined {
  return events.find((event) => {
    const apart = gpsNs > event.gpsNs ? gpsNs - event.gpsNs : event.gpsNs - gpsNs;
    return apart <= NEAR_NS + event.withinNs;
  });
}

/**
 * A CSV with the columns name and gps (or GPS, gpstime), as GWOSC's event tables have.
 * @throws IngestError `unreadable_file`, `missing_column` or `bad_row`.
 */
export async function readKnownEvents(file: string): Promise<KnownEvent[]> {
  const parser = parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true });
  const input = createReadStream(file);
  input.on('error', (error) => parser.destroy(error));
  const events: KnownEvent[] = [];
  let columns: { readonly name: number; readonly gps: number } | undefined;
  try {
    for await (const line of input.pipe(parser)) {
      const { record, info } = line as { record: string[]; info: { lines: number } };
      if (columns === undefined) {
        columns = columnsOf(record, file);
        continue;
      }
      const [name = '', gps = ''] = [record[columns.name], record[columns.gps]];
      const gpsNs = parseGpsSeconds(gps);
      if (gpsNs === undefined || name === '') {
        throw new IngestError(
          'bad_row',
          `${file} row ${info.lines}: expected a name and GPS seconds; found ${quoted(name)} and ${quoted(gps)}.`,
          { file, row: info.lines },
        );
      }
      events.push({ name, gpsNs, withinNs: EXACT_NS });
    }
  } catch (error) {
    if (error instanceof IngestError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new IngestError('unreadable_file', `Cannot read ${file}: ${reason}`, {
      file,
      cause: error,
    });
  } finally {
    input.destroy();
  }
  return events;
}

function columnsOf(header: readonly string[], file: string) {
  const names = header.map((column) => column.trim().toLowerCase());
  const at = (...wanted: string[]): number => {
    const found = wanted.map((each) => names.indexOf(each)).find((index) => index >= 0);
    if (found !== undefined) return found;
    throw new IngestError(
      'missing_column',
      `${file} has no column ${wanted.join(' or ')}. Columns found: ${header.join(', ')}.`,
      { file, field: wanted[0] },
    );
  };
  return { name: at('name', 'commonname'), gps: at('gps', 'gpstime', 'gps_time') };
}
