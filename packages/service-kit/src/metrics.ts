import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds, from a fast handler to a slow refit; shared so that panels can be compared. */
export const LATENCY_BUCKETS_SEC: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

export interface MetricOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[] | undefined;
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Default LATENCY_BUCKETS_SEC. */
  readonly buckets?: readonly number[] | undefined;
}

/** A registry of its own: nothing is registered globally, so tests do not meet. */
export function createRegistry(): Registry {
  return new Registry();
}

/** A registry that also reports the process: memory, event loop delay, garbage collection. */
export function createProcessRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** The counter of that name, made on first use: services in one process may share it. */
export function counter<Label extends string>(
  registry: Registry,
  { name, help, labelNames = [] }: MetricOptions<Label>,
): Counter<Label> {
  const known = registry.getSingleMetric(name);
  if (known instanceof Counter) return known as Counter<Label>;
  return new Counter({ name, help, labelNames, registers: [registry] });
}

/** The gauge of that name, made on first use. */
export function gauge<Label extends string>(
  registry: Registry,
  { name, help, labelNames = [] }: MetricOptions<Label>,
): Gauge<Label> {
  const known = registry.getSingleMetric(name);
  if (known instanceof Gauge) return known as Gauge<Label>;
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

/** The histogram of that name, made on first use. */
export function histogram<Label extends string>(
  registry: Registry,
  { name, help, labelNames = [], buckets = LATENCY_BUCKETS_SEC }: HistogramOptions<Label>,
): Histogram<Label> {
  const known = registry.getSingleMetric(name);
  if (known instanceof Histogram) return known as Histogram<Label>;
  return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [registry] });
}
