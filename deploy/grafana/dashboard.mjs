// Makes dashboards/glitchwatch.json from panels.mjs:
//   node deploy/grafana/dashboard.mjs && npx biome format --write deploy/grafana/dashboards
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rows } from './panels.mjs';

const columns = 24;
const datasource = { type: 'prometheus', uid: '$datasource' };

/** Left to right, then down; ids count in the same order. */
function layout() {
  const panels = [];
  let y = 0;
  for (const row of rows) {
    const id = panels.length + 1;
    panels.push({
      id,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: at(0, y, columns, 1),
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const spec of row.panels) {
      const width = spec.width ?? columns / 3;
      const h = spec.kind === 'stat' ? 4 : 8;
      if (x + width > columns) {
        x = 0;
        y += height;
      }
      panels.push(panelOf(spec, panels.length + 1, at(x, y, width, h)));
      x += width;
      height = h;
    }
    y += height;
  }
  return panels;
}

const at = (x, y, w, h) => ({ x, y, w, h });

function panelOf(spec, id, gridPos) {
  const isStat = spec.kind === 'stat';
  const targets = spec.targets.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat: legend || '__auto',
    ...(isStat ? { instant: true, range: false } : { instant: false, range: true }),
  }));
  return {
    id,
    type: isStat ? 'stat' : 'timeseries',
    title: spec.title,
    ...(spec.about ? { description: spec.about } : {}),
    datasource,
    gridPos,
    targets,
    fieldConfig: { defaults: isStat ? statDefaults(spec) : seriesDefaults(spec), overrides: [] },
    options: isStat
      ? {
          reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
          colorMode: spec.mappings || spec.redFrom ? 'background' : 'value',
          graphMode: 'none',
          textMode: spec.mappings ? 'value_and_name' : 'value',
        }
      : {
          legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
  };
}

function statDefaults({ unit = 'short', mappings = {}, redFrom }) {
  const options = Object.fromEntries(
    Object.entries(mappings).map(([value, [text, color], index]) => [
      value,
      { text, color, index },
    ]),
  );
  const steps = [{ color: 'green', value: null }];
  if (redFrom !== undefined) steps.push({ color: 'red', value: redFrom });
  return {
    unit,
    mappings: Object.keys(options).length > 0 ? [{ type: 'value', options }] : [],
    color: { mode: 'thresholds' },
    thresholds: { mode: 'absolute', steps },
  };
}

function seriesDefaults({ unit = 'short' }) {
  return {
    unit,
    min: 0,
    color: { mode: 'palette-classic' },
    custom: {
      drawStyle: 'line',
      lineWidth: 1,
      fillOpacity: 10,
      showPoints: 'auto',
      spanNulls: false,
    },
  };
}

export const dashboard = {
  uid: 'glitchwatch',
  title: 'Glitchwatch',
  description: 'The pipeline: what comes in, what waits, what comes out, and what it costs.',
  tags: ['glitchwatch'],
  schemaVersion: 39,
  version: 1,
  editable: false,
  graphTooltip: 1,
  timezone: 'utc',
  refresh: '15s',
  time: { from: 'now-3h', to: 'now' },
  templating: {
    list: [
      {
        name: 'datasource',
        label: 'Prometheus',
        type: 'datasource',
        query: 'prometheus',
        current: { text: 'Prometheus', value: 'prometheus' },
      },
    ],
  },
  annotations: {
    list: [
      {
        name: 'Model activated',
        datasource,
        enable: true,
        iconColor: 'blue',
        expr: 'changes(max(glitchwatch_clusterer_model_version)[1m:15s]) > 0',
        step: '15s',
        titleFormat: 'Model activated',
      },
    ],
  },
  panels: layout(),
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = join(dirname(process.argv[1]), 'dashboards/glitchwatch.json');
  writeFileSync(path, `${JSON.stringify(dashboard, null, 2)}\n`);
}
