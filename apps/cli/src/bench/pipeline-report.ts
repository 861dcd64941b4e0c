import { printLine } from '../output.js';
import type { BurstResult } from './phases.js';
import type { PipelineBenchResult } from './pipeline-bench.js';
import type { Quantiles } from './quantiles.js';

const line = (name: string, value: string): void => printLine(`${name.padEnd(46)}  ${value}`);
const ms = ({ p50, p95, p99 }: Quantiles): string =>
  [p50, p95, p99].map((value) => value.toFixed(1)).join(' / ');

function burstLine(name: string, { glitches, drainedSec, glitchesPerSec }: BurstResult): void {
  const all = `${glitches} in ${drainedSec.toFixed(1)} s`;
  line(name, `${glitchesPerSec.toFixed(1)} glitches/s (${all})`);
}

function amounts(title: string, values: Readonly<Record<string, number>>, digits: number): void {
  printLine(title);
  for (const [name, value] of Object.entries(values).sort(([, a], [, b]) => b - a)) {
    line(`  ${name}`, value.toFixed(digits));
  }
}

const inAndOut = `
bare log: the log's client alone, one producer and one group that commits, in one process; the same messages.
transport: ingest (checks every grid, dedupe, append), embedder (consume, decode, hand to its worker threads and
  back, append the embedding, commit; a stand-in there neither unpacks grids nor runs the network) and the gateway's
  reading of glitches; no clusterer. Until the log has the last embedding and the gateway the last glitch.
without the network: the same and the clusterer with its fits, until the gateway has sent the last assignment.
capacity: everything, fits included; the making of the glitches is outside, their way into ingest is a call.
latency: open loop, Poisson arrivals; until a gRPC subscriber of the gateway has the assignment.`;

export function printPipelineResult(result: PipelineBenchResult): void {
  const { capacity, burst } = result;
  line('machine', result.machine);
  line(
    'load average at start, end',
    `${result.loadAtStart.toFixed(1)}, ${result.loadAtEnd.toFixed(1)}`,
  );
  line('log', result.log);
  line('processes', result.processes === 'one' ? 'one for all services' : 'one for each service');
  line('embedder threads', String(result.embedderThreads));
  burstLine('capacity', capacity);
  for (const one of result.latency) {
    const share = `${100 * one.shareOfCapacity} % (${one.ratePerSec.toFixed(1)}/s, ${one.glitches})`;
    line(`latency at ${share}`, 'p50 / p95 / p99, ms');
    line('  from accepted', ms(one.fromAcceptedMs));
    line('  from arrival', ms(one.fromArrivalMs));
  }
  if (burst !== undefined) {
    burstLine('burst', burst);
    line('  taken by ingest after, s', burst.acceptedSec.toFixed(1));
  }
  burstLine('without the network', result.withoutNetwork);
  burstLine('transport', result.transport);
  line('bare log', `${result.barePerSec.toFixed(1)} messages/s`);
  line('transport / bare log', result.ratioTransport.toFixed(3));
  line('without the network / bare log', result.ratioWithoutNetwork.toFixed(3));
  amounts('CPU ms per glitch, by process', result.cpuMsPerGlitch, 2);
  amounts('  without the network', result.withoutNetworkCpuMs, 2);
  amounts('  transport', result.transportCpuMs, 2);
  amounts('stages, wall ms per glitch (they overlap)', result.stageMsPerGlitch, 3);
  amounts('peak RSS, MB, by process', result.peakRssMb, 0);
  printLine(inAndOut);
}
