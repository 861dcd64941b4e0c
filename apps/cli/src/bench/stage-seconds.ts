import type { Registry } from '@glitchwatch/service-kit';

/** The sums of every histogram named …_stage_seconds, by "service stage". */
export async function stageSeconds(registry: Registry): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const metric of await registry.getMetricsAsJSON()) {
    const service = /^glitchwatch_(\w+)_stage_seconds$/.exec(metric.name)?.[1];
    if (service === undefined) continue;
    for (const value of metric.values) {
      if (!('metricName' in value) || value.metricName !== `${metric.name}_sum`) continue;
      const { stage } = value.labels as { stage?: string };
      sums[`${service} ${stage ?? ''}`.trim()] = value.value;
    }
  }
  return sums;
}
