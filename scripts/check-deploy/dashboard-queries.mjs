import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

async function ask(prometheusUrl, path, parameters) {
  const url = `${prometheusUrl}/api/v1/${path}?${new URLSearchParams(parameters)}`;
  const answer = await (await fetch(url)).json();
  if (answer.status !== 'success') throw new Error(`${parameters?.query}: ${answer.error}`);
  return answer.data;
}

/** Every query of the dashboard: title, expr, legend, and why it may be silent. */
export async function dashboardQueries(root) {
  const { rows } = await import(join(root, 'deploy/grafana/panels.mjs'));
  const path = join(root, 'deploy/grafana/dashboards/glitchwatch.json');
  const dashboard = JSON.parse(await readFile(path, 'utf8'));
  const silent = new Map(
    rows.flatMap(({ panels }) => panels.map(({ title, silent: why }) => [title, why])),
  );
  const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({
      title,
      expr,
      legend: legendFormat,
      silent: silent.get(title),
    })),
  );
  for (const { name, expr } of dashboard.annotations.list) {
    queries.push({
      title: `annotation ${name}`,
      expr,
      legend: '',
      silent: 'only at an activation',
    });
  }
  return queries;
}

/**
 * Asks Prometheus each query and holds the answer against the panel: there must be
 * series, and they must carry the labels that the legend names. A query that may be
 * silent must at least be understood.
 *
 * @returns sentences about what is wrong.
 */
export async function unansweredQueries(prometheusUrl, queries) {
  const problems = [];
  for (const { title, expr, legend, silent } of queries) {
    const query = expr.replaceAll('$__rate_interval', '1m');
    const { result } = await ask(prometheusUrl, 'query', { query });
    if (result.length === 0) {
      if (silent === undefined) problems.push(`${title}: no series for ${query}`);
      continue;
    }
    if (result.every(({ value }) => value[1] === 'NaN')) problems.push(`${title}: only NaN`);
    for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
      const without = result.find(({ metric }) => !metric[label]);
      if (without !== undefined) problems.push(`${title}: a series has no label ${label}`);
    }
  }
  return problems;
}

/** Names of our metrics in expressions that no scraped process declares: typing errors and renamed metrics. */
export async function undeclaredMetrics(prometheusUrl, expressions) {
  const declared = await ask(prometheusUrl, 'metadata', { limit: '10000' });
  const names = new Set();
  for (const [name, [{ type }]] of Object.entries(declared)) {
    const endings = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const ending of endings) names.add(name + ending);
  }
  const used = new Set(
    expressions.flatMap((text) => text.match(/\b(glitchwatch|process|nodejs)_\w+/g) ?? []),
  );
  return [...used].filter((name) => !names.has(name));
}

/** Rules that Prometheus could not evaluate, and our alerts that fire. */
export async function ruleProblems(prometheusUrl) {
  const { groups } = await ask(prometheusUrl, 'rules');
  const rules = groups.flatMap((group) => group.rules);
  if (rules.length === 0) return ['no rules are loaded'];
  const sick = rules.filter(({ health }) => health !== 'ok');
  const firing = rules.filter(({ state }) => state === 'firing');
  return [
    ...sick.map(({ name, health, lastError }) => `${name}: ${health} ${lastError ?? ''}`),
    ...firing.map(({ name }) => `${name} fires in a healthy run`),
  ];
}
