// What the first dashboard shows: rows of panels, each with its queries. One
// `{{label}}` of a legend is one label of the query's result.

const rate = (metric, by) => `sum by (${by}) (rate(${metric}[$__rate_interval]))`;
const total = (metric) => `sum(rate(${metric}[$__rate_interval]))`;
const quantile = (q, histogram, ...by) =>
  `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[$__rate_interval])))`;

const one = (expr, legend = '') => [{ expr, legend }];

export const rows = [
  {
    title: 'Now',
    panels: [
      {
        kind: 'stat',
        title: 'Ready',
        about: 'The worst replica of each service; /readyz of its ops port says why one is not.',
        width: 8,
        mappings: { 0: ['not ready', 'red'], 1: ['ready', 'green'] },
        targets: one('min by (service) (glitchwatch_service_ready)', '{{service}}'),
      },
      {
        kind: 'stat',
        title: 'Alerts of the pipeline firing',
        about: 'Prometheus alerts by rules/glitchwatch.yml, not novelty alerts.',
        width: 4,
        redFrom: 1,
        targets: one('count(ALERTS{alertname=~"Glitchwatch.+", alertstate="firing"}) or vector(0)'),
      },
      {
        kind: 'stat',
        title: 'Glitches',
        width: 3,
        targets: one('max(glitchwatch_gateway_read_model_entries{kind="glitches"})'),
      },
      {
        kind: 'stat',
        title: 'Families',
        width: 3,
        targets: one('max(glitchwatch_clusterer_families)'),
      },
      {
        kind: 'stat',
        title: 'Model',
        about: '0 before the first.',
        width: 3,
        targets: one('max(glitchwatch_clusterer_model_version)'),
      },
      {
        kind: 'stat',
        title: 'Model age',
        width: 3,
        unit: 's',
        targets: one('max(glitchwatch_clusterer_model_age_seconds)'),
      },
    ],
  },
  {
    title: 'From trigger to assignment',
    panels: [
      {
        title: 'Glitches accepted, by detector',
        unit: 'cps',
        targets: one(rate('glitchwatch_ingest_glitches_total', 'ifo'), '{{ifo}}'),
      },
      {
        title: 'Through the stages',
        about: 'The three lines lie on one another when nothing is held up.',
        unit: 'cps',
        targets: [
          { expr: total('glitchwatch_ingest_glitches_total'), legend: 'accepted' },
          { expr: total('glitchwatch_embedder_glitches_total'), legend: 'embedded' },
          { expr: total('glitchwatch_end_to_end_seconds_count'), legend: 'assigned (first time)' },
        ],
      },
      {
        title: 'Records waiting (lag)',
        about: 'Each replica reports its whole group, so the largest is shown and not the sum.',
        targets: one(
          'max by (group, topic) (glitchwatch_consumer_lag_records)',
          '{{group}} on {{topic}}',
        ),
      },
      {
        title: 'Ingest to assignment',
        unit: 's',
        targets: [0.5, 0.95, 0.99].map((q) => ({
          expr: quantile(q, 'glitchwatch_end_to_end_seconds'),
          legend: `p${q * 100}`,
        })),
      },
      {
        title: 'Failures by code',
        about: 'Refused triggers, dead letters, failed requests. Absent until the first one.',
        unit: 'cps',
        targets: ['ingest', 'embedder', 'clusterer', 'gateway'].map((service) => ({
          expr: rate(`glitchwatch_${service}_errors_total`, 'code'),
          legend: `${service} {{code}}`,
        })),
      },
      {
        title: 'Lag could not be read',
        unit: 'cps',
        targets: one(rate('glitchwatch_consumer_lag_errors_total', 'group'), '{{group}}'),
        silent: 'only where the log is away',
      },
    ],
  },
  {
    title: 'Ingest and embedder',
    panels: [
      {
        title: 'Ingest: p95 of each stage',
        about: 'read and decode per picture, dedupe and append per batch.',
        unit: 's',
        targets: one(quantile(0.95, 'glitchwatch_ingest_stage_seconds', 'stage'), '{{stage}}'),
      },
      {
        title: 'Ingest: known already',
        unit: 'cps',
        targets: one(rate('glitchwatch_ingest_duplicates_total', 'source'), '{{source}}'),
      },
      {
        title: 'Embedder: p95 of each stage',
        about: 'Per glitch; publish per batch of records.',
        unit: 's',
        targets: one(quantile(0.95, 'glitchwatch_embedder_stage_seconds', 'stage'), '{{stage}}'),
      },
      {
        title: 'Embedder: glitches per batch',
        targets: one(
          `${total('glitchwatch_embedder_batch_glitches_sum')} / ${total('glitchwatch_embedder_batch_glitches_count')}`,
          'mean',
        ),
      },
      {
        title: 'Embedder: inference workers started',
        about: 'More than one per thread and start: workers die.',
        targets: one(
          'sum by (instance) (glitchwatch_embedder_worker_starts_total)',
          '{{instance}}',
        ),
      },
      {
        title: 'Embedder: device in use',
        targets: one(
          'sum by (device, requested) (glitchwatch_embedder_device_info)',
          '{{device}} (asked for {{requested}})',
        ),
      },
    ],
  },
  {
    title: 'Clusterer',
    panels: [
      {
        title: 'Assignments, a refit included',
        unit: 'cps',
        targets: one(
          rate('glitchwatch_clusterer_assignments_total', 'family'),
          'family {{family}}',
        ),
      },
      {
        title: 'In no family',
        unit: 'percentunit',
        targets: one('max(glitchwatch_clusterer_unassigned_fraction)', 'share of known glitches'),
      },
      {
        title: 'p95 of each stage',
        unit: 's',
        targets: one(quantile(0.95, 'glitchwatch_clusterer_stage_seconds', 'stage'), '{{stage}}'),
      },
      {
        title: 'Time of a fit',
        unit: 's',
        targets: one(
          'sum(glitchwatch_clusterer_fit_seconds_sum) / sum(glitchwatch_clusterer_fit_seconds_count)',
          'mean since the start',
        ),
      },
      {
        title: 'Glitches in the reference store',
        targets: one('max(glitchwatch_clusterer_known_glitches)', 'known'),
      },
      {
        title: 'Novelty alerts: revisions by kind and state',
        targets: one(
          'sum by (kind, state, historical) (glitchwatch_clusterer_alerts_total)',
          '{{kind}} {{state}} (historical: {{historical}})',
        ),
        silent: 'until the first novelty alert',
      },
    ],
  },
  {
    title: 'Labels against families, and drift',
    panels: [
      {
        title: 'Agreement of labels and families',
        about: 'Over labelled glitches in a family; each replica says the same.',
        unit: 'percentunit',
        targets: one('max by (score) (glitchwatch_gateway_agreement_ratio)', '{{score}}'),
        silent: 'until a labelled glitch is in a family',
      },
      {
        title: 'Purity of families',
        about: 'Share of the most frequent label.',
        unit: 'percentunit',
        targets: one(
          'max by (family) (glitchwatch_gateway_family_purity_ratio)',
          'family {{family}}',
        ),
        silent: 'until a labelled glitch is in a family',
      },
      {
        title: 'Entropy of labels in a family',
        about: 'In bits; 0 for a family of one label.',
        targets: one(
          'max by (family) (glitchwatch_gateway_family_entropy_bits)',
          'family {{family}}',
        ),
        silent: 'until a labelled glitch is in a family',
      },
      {
        title: 'Families per label',
        about: 'Over how many a label is spread; 1 where all are in one.',
        targets: one('max by (label) (glitchwatch_gateway_label_families)', '{{label}}'),
        silent: 'until a labelled glitch is assigned',
      },
      {
        title: 'Labels that disagree with a confident family',
        targets: [
          { expr: 'max(glitchwatch_gateway_disagreements)', legend: 'disagree' },
          {
            expr: 'max by (family) (glitchwatch_gateway_labelled_glitches)',
            legend: 'labelled, family {{family}}',
          },
        ],
      },
      {
        title: 'Detectors: p of recent against earlier glitches',
        about:
          'Below 0.001: the detector is not what it was. See the drift alert for which glitches.',
        targets: one('max by (ifo) (glitchwatch_clusterer_drift_p_value)', '{{ifo}}'),
        silent: 'until two windows of a detector have come',
      },
      {
        title: 'Detectors: how far recent glitches are from earlier ones (MMD²)',
        targets: one('max by (ifo) (glitchwatch_clusterer_drift_mmd2)', '{{ifo}}'),
        silent: 'until two windows of a detector have come',
      },
      {
        title: 'Comparisons of a detector with its past',
        unit: 'cps',
        targets: one(rate('glitchwatch_clusterer_drift_comparisons_total', 'ifo'), '{{ifo}}'),
        silent: 'until two windows of a detector have come',
      },
      {
        title: 'Embedder: how far golden glitches have moved',
        about:
          'Cosine distance; by the embedder from its first use, by the clusterer from the network in force.',
        targets: [
          {
            expr: 'max by (statistic) (glitchwatch_embedder_golden_distance)',
            legend: 'embedder {{statistic}}',
          },
          { expr: 'max(glitchwatch_clusterer_drift_golden_distance)', legend: 'clusterer' },
        ],
      },
      {
        title: 'Drift alerts open',
        targets: one('max by (cause) (glitchwatch_clusterer_drift_alerts)', '{{cause}}'),
        silent: 'until the first look',
      },
    ],
  },
  {
    title: 'Gateway',
    panels: [
      {
        title: 'Open subscriptions',
        targets: one('sum by (kind) (glitchwatch_gateway_subscribers)', '{{kind}}'),
      },
      {
        title: 'Events to subscribers',
        unit: 'cps',
        targets: one(rate('glitchwatch_gateway_events_total', 'kind'), '{{kind}}'),
      },
      {
        title: 'Events that slow subscribers did not get',
        unit: 'cps',
        targets: one(rate('glitchwatch_gateway_dropped_total', 'kind'), '{{kind}}'),
        silent: 'only with a subscriber that does not read',
      },
      {
        title: 'Assignment to subscriber, p95',
        unit: 's',
        targets: one(
          quantile(0.95, 'glitchwatch_gateway_assignment_to_send_seconds', 'kind'),
          '{{kind}}',
        ),
      },
      {
        title: 'Requests, p95 by route',
        unit: 's',
        targets: one(quantile(0.95, 'glitchwatch_gateway_request_seconds', 'route'), '{{route}}'),
      },
      {
        title: 'Pictures served',
        unit: 'cps',
        targets: one(rate('glitchwatch_gateway_pictures_total', 'outcome'), '{{outcome}}'),
      },
      {
        title: 'Pictures held',
        unit: 'bytes',
        targets: one('sum by (instance) (glitchwatch_gateway_picture_cache_bytes)', '{{instance}}'),
      },
      {
        title: 'Read model',
        targets: one('max by (kind) (glitchwatch_gateway_read_model_entries)', '{{kind}}'),
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'Processors in use',
        targets: one(
          'rate(process_cpu_seconds_total{job="glitchwatch"}[$__rate_interval])',
          '{{component}} {{instance}}',
        ),
      },
      {
        title: 'Memory',
        unit: 'bytes',
        targets: one(
          'process_resident_memory_bytes{job="glitchwatch"}',
          '{{component}} {{instance}}',
        ),
      },
      {
        title: 'Event loop delay, p99',
        about: 'Long delays: something computes where it should not.',
        unit: 's',
        targets: one(
          'nodejs_eventloop_lag_p99_seconds{job="glitchwatch"}',
          '{{component}} {{instance}}',
        ),
      },
      {
        title: 'Scraped',
        targets: one('sum by (component) (up{job="glitchwatch"})', '{{component}}'),
      },
    ],
  },
];
