import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, until } from './command.mjs';
import {
  dashboardQueries,
  ruleProblems,
  unansweredQueries,
  undeclaredMetrics,
} from './dashboard-queries.mjs';
import { serviceNames, startLiveRun } from './live-run.mjs';

const nGlitches = 80;
const minFit = 60;

/** Starts everything as docker-compose.yml says, works it, and holds metrics, rules and dashboard against it. */
export async function checkLive({ root, report, tools, project, workDir, servers }) {
  const { prometheus } = tools;
  const settings = { GLITCHWATCH_MIN_FIT: String(minFit), GLITCHWATCH_REFIT_EVERY_COUNT: '15' };
  const live = await startLiveRun({ root, project, workDir, servers, settings, prometheus });
  try {
    const started = await report.check('start sequence: all processes ready', async () => {
      const startedMs = Date.now();
      for (const name of serviceNames) await until(`${name} ready`, () => live.isReady(name));
      return `after ${((Date.now() - startedMs) / 1000).toFixed(1)} s, ${storesOf(servers)}`;
    });
    if (!started) {
      for (const name of serviceNames)
        console.log(`${name}: ${(await live.logOf(name)).slice(-1500)}`);
      return;
    }
    await report.check(`glitches by HTTP: ${nGlitches} accepted, all assigned`, () =>
      work(live, servers),
    );
    await report.check('the exposition format: promtool check metrics', async () => {
      for (const name of serviceNames) await checkExposition(live.ops(name), prometheus.promtool);
    });
    const queries = await dashboardQueries(root);
    await report.check('dashboard: every query is answered by Prometheus', async () => {
      let problems;
      const answered = async () => {
        problems = await unansweredQueries(live.prometheusUrl, queries);
        return problems.length === 0;
      };
      await until('answers', answered, 45_000).catch(() => {
        throw new Error(problems.join('\n'));
      });
      return `${queries.length} queries`;
    });
    await report.check('dashboard and rules: only metrics that exist', async () => {
      const rules = await readFile(join(root, 'deploy/prometheus/rules/glitchwatch.yml'), 'utf8');
      const expressions = [...rules.matchAll(/expr: (?:\|\n((?: {10}.*\n)+)|(.*))/g)].map(
        ([, block, line]) => block ?? line,
      );
      const unknown = await undeclaredMetrics(live.prometheusUrl, [
        ...expressions,
        ...queries.map(({ expr }) => expr),
      ]);
      if (unknown.length > 0) throw new Error(`no process declares ${unknown.join(', ')}`);
      return `${expressions.length} rules`;
    });
    await report.check('rules: evaluated without error, none fires', async () => {
      const problems = await ruleProblems(live.prometheusUrl);
      if (problems.length > 0) throw new Error(problems.join('\n'));
    });
    await report.check('kill -9 of the clusterer: ready again with the same model', async () => {
      const before = await status(live);
      const { readySec } = await live.restart('clusterer', 'SIGKILL');
      const detail = await (await fetch(`${live.ops('clusterer')}/readyz`)).text();
      const { modelVersion } = before.model;
      if (!detail.includes(`model ${modelVersion} `))
        throw new Error(`expected model ${modelVersion}: ${detail}`);
      return `after ${readySec.toFixed(1)} s`;
    });
    await report.check('kill -9 of the leader: its next life leads', async () => {
      const { readySec } = await live.restart('clusterer-refit', 'SIGKILL');
      const leads = async () =>
        (await (await fetch(`${live.ops('clusterer-refit')}/readyz`)).text()).includes('leads');
      await until('it leads', leads, 60_000);
      return `ready after ${readySec.toFixed(1)} s`;
    });
    await report.check('SIGTERM: each process ends with 0', async () => {
      const codes = await live.stopServices();
      const bad = Object.entries(codes).filter(([, code]) => code !== 0);
      if (bad.length > 0) throw new Error(bad.map(([name, code]) => `${name}: ${code}`).join(', '));
    });
  } finally {
    await live.end();
  }
}

const storesOf = ({ kafka, redis }) =>
  `log ${kafka ? 'on Kafka' : 'embedded'}, state ${redis ? 'on Redis' : 'embedded'}`;

const status = async (live) => (await fetch(`${live.gatewayUrl}/v1/status`)).json();

async function work(live, servers) {
  // Imported late: it needs the built packages, the checks of the files do not.
  const { appendPoison, postTriggers, simulatedTriggers, visitGateway } = await import(
    './feed.mjs'
  );
  const triggers = simulatedTriggers(nGlitches, 11);
  const events = new AbortController();
  const stream = await fetch(`${live.gatewayUrl}/v1/events`, { signal: events.signal });
  stream.body.pipeTo(new WritableStream()).catch(() => undefined);
  let accepted = 0;
  // In turns with pauses, so that counters are scraped while they rise.
  for (let first = 0; first < triggers.length; first += 10) {
    const part = triggers.slice(first, first + 10);
    const answer = await postTriggers(live.ingestUrl, part);
    accepted += answer.accepted ?? 0;
    if (first === 0) {
      await appendPoison({ dataDir: live.dataDir, ...serverSettings(servers) });
      await until('Prometheus has scraped', () => isScraped(live));
    }
    if (first >= minFit - 10) {
      const known = first + part.length;
      await until(`${known} assigned`, async () => (await status(live)).nAssigned >= known);
      // Else both turns after the first model may be over before a scrape, which sees nothing rise.
      await nextScrapes(live);
    }
  }
  if (accepted !== nGlitches) throw new Error(`${accepted} of ${nGlitches} accepted`);
  await postTriggers(live.ingestUrl, triggers.slice(0, 3));
  const refused = await postTriggers(live.ingestUrl, [{ ...triggers[0], ifo: 'X9' }]);
  if (refused.status !== 400) throw new Error(`detector X9 gave ${refused.status}`);
  const again = await postTriggers(live.ingestUrl, [triggers[0]]);
  await visitGateway(live.gatewayUrl, again.items[0].glitchId);
  await nextScrapes(live);
  await postTriggers(live.ingestUrl, triggers.slice(0, 3));
  await postTriggers(live.ingestUrl, [{ ...triggers[0], ifo: 'X9' }]);
  await appendPoison({ dataDir: live.dataDir, ...serverSettings(servers) });
  await visitGateway(live.gatewayUrl, again.items[0].glitchId);
  await nextScrapes(live);
  await explained(live, again.items[0].glitchId);
  const { nAssigned, nFamilies, model } = await status(live);
  events.abort();
  return `model ${model.modelVersion}, ${nFamilies} families, ${nAssigned} assigned`;
}

/** The gateway reaches the embedder. */
async function explained(live, glitchId) {
  const answer = await fetch(`${live.gatewayUrl}/v1/glitches/${glitchId}/explanation`);
  const body = await answer.json();
  if (!(body.windows?.length > 0)) throw new Error(`explanation: ${JSON.stringify(body)}`);
}

function serverSettings({ kafka, redis }) {
  return {
    ...(kafka ? { kafka: { brokers: kafka.split(',') } } : {}),
    ...(redis ? { redis: { url: redis } } : {}),
  };
}

async function samples(live) {
  const url = `${live.prometheusUrl}/api/v1/query?query=${encodeURIComponent('count_over_time(up{component="gateway"}[10m])')}`;
  const { data } = await (await fetch(url)).json();
  return Number(data.result[0]?.value[1] ?? 0);
}
const isScraped = async (live) => (await samples(live)) >= 2;

/** Waits until what happened before is in Prometheus. */
async function nextScrapes(live) {
  const before = await samples(live);
  await until('two more scrapes', async () => (await samples(live)) >= before + 2);
}

async function checkExposition(url, promtool) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const ours = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?glitchwatch_/.test(line));
  await run('bash', ['-c', '"$0" check metrics <<<"$1"', promtool, ours.join('\n')]);
}
