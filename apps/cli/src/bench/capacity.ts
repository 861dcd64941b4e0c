import type { BurstResult, Phases } from './phases.js';
import type { PipelineRun } from './pipeline-run.js';

export interface MeasuredCapacity {
  readonly capacity: BurstResult;
  readonly cpuMsPerGlitch: Readonly<Record<string, number>>;
  readonly stageMsPerGlitch: Readonly<Record<string, number>>;
}

/** Feeds a burst and tells what each process and stage spent on it. */
export async function measureCapacity(
  run: PipelineRun,
  phases: Phases,
  glitches: number,
): Promise<MeasuredCapacity> {
  const before = await run.report();
  const capacity = await phases.burst('capacity', glitches);
  const after = await run.report();
  const stageMsPerGlitch: Record<string, number> = {};
  for (const [name, { stageSec }] of Object.entries(after)) {
    for (const [stage, sec] of Object.entries(stageSec)) {
      const earlier = before[name]?.stageSec[stage] ?? 0;
      stageMsPerGlitch[stage] = (1000 * (sec - earlier)) / glitches;
    }
  }
  const cpuMsPerGlitch = Object.fromEntries(
    Object.entries(after).map(([name, { cpuMs }]) => [
      name,
      (cpuMs - (before[name]?.cpuMs ?? 0)) / glitches,
    ]),
  );
  return { capacity, cpuMsPerGlitch, stageMsPerGlitch };
}
