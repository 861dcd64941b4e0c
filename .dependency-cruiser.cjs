/** The arrows of ARCHITECTURE.md as rules: a wrong import fails the build. */
const services = 'ingest|embedder|clusterer|gateway';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'numerics-is-pure',
      comment: 'numerics imports nothing of ours and does no I/O',
      severity: 'error',
      from: { path: '^packages/numerics/src', pathNot: '\\.test\\.ts$|/test/' },
      to: {
        path: '^(proto|packages/(?!numerics)|services|apps)|^(node:)?(fs|net|http|child_process)',
      },
    },
    {
      name: 'spectrogram-does-no-io',
      severity: 'error',
      from: { path: '^packages/spectrogram/src', pathNot: '\\.test\\.ts$|/test/' },
      to: {
        path: '^(proto|packages/(?!spectrogram|numerics)|services|apps)|^(node:)?(fs|net|http|child_process)',
      },
    },
    {
      name: 'packages-know-no-service',
      severity: 'error',
      from: { path: '^(packages|proto)/' },
      to: { path: '^(services|apps)/' },
    },
    {
      name: 'services-import-no-service',
      severity: 'error',
      from: { path: `^services/(${services})/` },
      to: { path: `^services/(${services})/`, pathNot: '^services/$1/' },
    },
    {
      name: 'services-import-no-app',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^apps/' },
    },
    {
      name: 'adapters-only-behind-their-port',
      severity: 'error',
      from: { path: '^(services|apps)/' },
      to: { path: '^packages/(event-log|state-store|blob-store)/(src|dist)/(?!index)' },
    },
    {
      name: 'packages-through-their-index',
      severity: 'error',
      from: { path: '^(services|apps|packages)/([^/]+)/' },
      to: { path: '^packages/([^/]+)/(src|dist)/(?!index)', pathNot: '^packages/$2/' },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules|/dist/' },
    exclude: { path: '/(gen|dist)/.*\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
