import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noveltyClass } from '@glitchwatch/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProcess, runCli, spawnCli } from '../fixtures/cli-process.js';
import { followEvents, type ServerSentEvent } from '../fixtures/event-source.js';
import { glitchesOfClasses } from '../fixtures/many-glitches.js';
import { parseMetrics } from '../fixtures/metrics-text.js';
import {
  killHard,
  pickPorts,
  type StartPorts,
  statusOf,
  stopGently,
} from '../fixtures/start-process.js';
import { knownClasses, startWithModel } from '../fixtures/start-with-model.js';
import { submitGlitches, triggerJson } from '../fixtures/submit-glitches.js';
import { waitFor } from '../fixtures/wait-for.js';

const nKnown = 90;
const nNovel = 12;

interface AlertEvent {
  readonly cursor: string;
  readonly alert: {
    readonly alertId: string;
    readonly revision: number;
    readonly count: string;
    readonly summary: string;
    readonly memberGlitchIds: readonly string[];
  };
}

let dir: string;
let ports: StartPorts;
let started: CliProcess;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'glitchwatch-subscribe-'));
  ports = await pickPorts();
  started = await startWithModel(join(dir, 'data'), ports, nKnown);
}, 300_000);
afterAll(async () => {
  await killHard(started);
  await rm(dir, { recursive: true, force: true });
});

const eventsOf = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AlertEvent);

const subscribe = (...more: string[]) => [
  'subscribe',
  'alerts',
  '--json',
  '--gateway',
  `127.0.0.1:${ports.grpc}`,
  ...more,
];

const novel = (count: number, firstIndex: number) =>
  glitchesOfClasses(
    Array.from({ length: count }, () => noveltyClass),
    { seed: firstIndex, firstIndex },
  );

/** Of emergent families: the first of a new morphology may be an outlier before it is one of many. */
const EMERGENT = 'emergent-family';
const emergentOnly = ['--kind', 'emergent'];

/** Emergent families that the gateway shows. */
async function shownAlerts() {
  const answer = await fetch(`http://127.0.0.1:${ports.http}/v1/alerts`);
  const { alerts } = (await answer.json()) as {
    alerts: { alertId: string; revision: number; members: string[]; kind: string }[];
  };
  return alerts.filter(({ kind }) => kind === EMERGENT);
}

describe('families', () => {
  const families = (...args: string[]) =>
    runCli(['families', ...args, '--gateway', `127.0.0.1:${ports.grpc}`]);

  it('have names, which people can change, and a history', async () => {
    const list = await families('list', '--json');
    expect(list).toMatchObject({ code: 0, stderr: '' });
    const { families: known } = JSON.parse(list.stdout) as {
      families: { familyId: number; name: string }[];
    };
    const [first] = known;
    const number = String(first?.familyId);
    expect(first?.name).toMatch(/ %$| Hz /);
    const renamed = await families('rename', number, 'Our favourite');
    expect(renamed).toMatchObject({
      code: 0,
      stdout: `family ${number} is called Our favourite\n`,
    });
    await waitFor('the name in the list', async () => {
      const { stdout } = await families('list');
      return stdout.includes('  Our favourite  ') ? true : undefined;
    });
    const history = await families('history', '--family', number);
    expect(history.stdout).toMatch(/family \d+ born with \d+ members\n/);
    expect(history.stdout).toMatch(/family \d+ named "Our favourite"\n$/);
    const unknown = await families('rename', '99999', 'nobody');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('expected a family of the active model');
  });
});

describe('a morphology not seen before', () => {
  const streamed: ServerSentEvent[] = [];
  const leaving = new AbortController();
  let stream: Promise<void>;
  let novelIds: string[];
  let cursorFile: string;

  beforeAll(async () => {
    cursorFile = join(dir, 'cursor');
    stream = followEvents(`http://127.0.0.1:${ports.http}/v1/events`, {
      signal: leaving.signal,
      onEvent: (event) => streamed.push(event),
    });
    await waitFor('the stream to be counted', async () => {
      const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
      const sample = parseMetrics(text).find(
        ({ name, labels }) => name === 'glitchwatch_gateway_subscribers' && labels.kind === 'sse',
      );
      return sample?.value === 1 ? true : undefined;
    });
    expect(await shownAlerts()).toEqual([]);
    novelIds = (await submitGlitches(ports.ingestGrpc, novel(nNovel, 1_000))).glitchIds;
    await waitFor('an alert', async () => ((await shownAlerts()).length > 0 ? true : undefined));
  });
  afterAll(async () => {
    leaving.abort();
    await stream;
  });

  it('raises one alert; subscribe resumes by its cursor file and prints nothing twice', async () => {
    const startMs = performance.now();
    const first = await runCli(
      subscribe(...emergentOnly, '--count', '1', '--cursor-file', cursorFile),
    );
    // It ends with its count: once it stayed for 30 s more.
    expect(performance.now() - startMs).toBeLessThan(20_000);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const printed = eventsOf(first.stdout);
    expect(printed.map(({ alert }) => alert.revision)).toEqual([1]);

    // Begins before there is a next event at all, and ends with the first of them.
    const [{ revision = 0 } = {}] = await shownAlerts();
    if (revision > 1) {
      const flags = [...emergentOnly, '--count', `${revision - 1}`, '--cursor-file', cursorFile];
      const next = await runCli(subscribe(...flags));
      expect(next.code).toBe(0);
      printed.push(...eventsOf(next.stdout));
    }
    const waiting = spawnCli(
      subscribe(...emergentOnly, '--count', '1', '--cursor-file', cursorFile),
    );
    novelIds.push(...(await submitGlitches(ports.ingestGrpc, novel(nNovel, 2_000))).glitchIds);
    expect((await waiting.ended).code).toBe(0);
    printed.push(...eventsOf(waiting.output().stdout));

    expect(new Set(printed.map(({ alert }) => alert.alertId)).size).toBe(1);
    expect(printed.map(({ alert }) => alert.revision)).toEqual(printed.map((_, i) => i + 1));
    expect(new Set(printed.map(({ cursor }) => cursor)).size).toBe(printed.length);
    const last = printed.at(-1)?.alert;
    expect(Number(last?.count)).toBe(last?.memberGlitchIds.length);
    expect(Number(last?.count)).toBeGreaterThanOrEqual(5);
    // Only what is new; nothing of the kinds that were known.
    for (const id of last?.memberGlitchIds ?? []) expect(novelIds).toContain(id);
    expect(last?.summary).toContain(`${last?.count} glitches`);
  });

  it('is delivered by /v1/events, once per revision', async () => {
    const [shown] = await shownAlerts();
    const alerts = await waitFor('its newest revision in the stream', () => {
      const some = streamed.filter(
        ({ event, data }) =>
          event === 'alert' && (JSON.parse(data) as { kind: string }).kind === EMERGENT,
      );
      const revisions = some.map(({ data }) => (JSON.parse(data) as { revision: number }).revision);
      return revisions.includes(shown?.revision ?? 0) ? some : undefined;
    });
    const bodies = alerts.map(
      ({ data }) => JSON.parse(data) as { alertId: string; revision: number },
    );
    expect(new Set(bodies.map(({ alertId }) => alertId))).toEqual(new Set([shown?.alertId]));
    expect(bodies.map(({ revision }) => revision)).toEqual(bodies.map((_, i) => i + 1));
    expect(alerts.every(({ id }) => id !== '')).toBe(true);
  });

  it('with a name it goes on where the gateway has it; a second one ends it with exit 1', async () => {
    const name = ['--name', 'night-shift'];
    const first = spawnCli(subscribe(...name));
    await waitFor('its first event', () =>
      first.output().stdout.includes('\n') ? true : undefined,
    );
    expect(first.output().stderr).toBe(
      'night-shift: not known to the gateway yet, from the earliest event\n',
    );
    await waitFor('its cursor to be kept', async () => {
      const text = await (await fetch(`http://127.0.0.1:${ports.metrics}/metrics`)).text();
      const stored = parseMetrics(text).find(
        (sample) => sample.name === 'glitchwatch_gateway_cursors_stored_total',
      );
      // The start, and then what has been seen.
      return (stored?.value ?? 0) >= 2 ? true : undefined;
    });
    const second = spawnCli(subscribe(...name));
    expect(await first.ended).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('subscriber "night-shift" has connected again'),
    });
    const resumed = 'night-shift: going on where the gateway has it\n';
    await waitFor('how it began', () => (second.output().stderr === resumed ? true : undefined));
    second.child.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 130, stderr: resumed });
    expect(eventsOf(second.output().stdout).length).toBeLessThan(
      eventsOf(first.output().stdout).length,
    );
  });

  it('Ctrl-C ends a subscription cleanly', async () => {
    const listening = spawnCli(subscribe('--from', 'earliest'));
    await waitFor('a line', () => (listening.output().stdout.includes('\n') ? true : undefined));
    listening.child.kill('SIGINT');
    expect(await listening.ended).toMatchObject({ code: 130, stderr: '' });
  });
});

describe('the wire', () => {
  const post = async (body: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${ports.ingestHttp}/v1/triggers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('a trigger handed in by HTTP comes out assigned at the gateway', async () => {
    const [glitch] = glitchesOfClasses(['Koi_Fish'], { seed: 99, firstIndex: 5_000 });
    if (!glitch) throw new Error('no glitch');
    const taken = await post(triggerJson(glitch));
    expect(taken).toMatchObject({ status: 202, body: { accepted: 1, duplicates: 0, rejected: 0 } });
    const [item] = taken.body.items as { glitchId: string }[];
    const url = `http://127.0.0.1:${ports.http}/v1/glitches/${item?.glitchId}`;
    const shown = await waitFor('its assignment', async () => {
      const body = (await (await fetch(url)).json()) as { assignment: object | null };
      return body.assignment ? body : undefined;
    });
    expect(shown).toMatchObject({
      glitchId: item?.glitchId,
      trigger: { ifo: glitch.trigger?.ifo, peakGpsNs: glitch.trigger?.peakGpsNs?.toString() },
      windows: [0.5, 1, 2, 4],
      assignment: { modelVersion: 1 },
    });
    expect(await post(triggerJson(glitch))).toMatchObject({ status: 202, body: { duplicates: 1 } });
  });

  it('a negative SNR is refused by name, the trigger beside it goes in', async () => {
    const [good, bad] = glitchesOfClasses(['Koi_Fish', 'Koi_Fish'], {
      seed: 98,
      firstIndex: 6_000,
    });
    if (!good || !bad) throw new Error('no glitch');
    const answer = await post([{ ...triggerJson(bad), snr: -3 }, triggerJson(good)]);
    expect(answer).toMatchObject({ status: 202, body: { accepted: 1, rejected: 1 } });
    const [refused] = answer.body.items as { code: string; message: string }[];
    expect(refused).toMatchObject({ code: 'bad_field' });
    expect(refused?.message).toMatch(/snr.*expected.*not negative.*found -3/);
  });
});

describe('labels from the command line', () => {
  const gateway = () => ['--gateway', `127.0.0.1:${ports.grpc}`];

  it('a label is given, counts in the agreement, and is taken back', async () => {
    const agreement = async () => {
      const { code, stdout } = await runCli(['agreement', '--json', ...gateway()]);
      expect(code).toBe(0);
      return JSON.parse(stdout) as {
        readonly nLabelled: string;
        readonly inFamilies: { readonly purity: number };
        readonly labels: readonly { readonly label: string; readonly n: string }[];
      };
    };
    const before = await agreement();
    expect(Number(before.nLabelled)).toBeGreaterThanOrEqual(nKnown);
    expect(before.inFamilies.purity).toBeGreaterThan(0.9);
    const { glitchIds } = (await (await fetch(`http://127.0.0.1:${ports.http}/v1/map`)).json()) as {
      readonly glitchIds: readonly string[];
    };
    const id = glitchIds[0] ?? '';
    const given = await runCli(['label', id, 'Odd one', '--by', 'ada', ...gateway()]);
    expect(given).toMatchObject({ code: 0, stdout: `${id}  Odd one\n` });
    const after = await agreement();
    expect(after.nLabelled).toBe(before.nLabelled);
    expect(after.labels.find(({ label }) => label === 'Odd one')?.n).toBe('1');
    const back = await runCli(['label', id, '--clear', ...gateway()]);
    expect(back.stdout).toMatch(new RegExp(`^${id}  (${knownClasses.join('|')})\n$`));
    const text = await runCli(['agreement', ...gateway()]);
    expect(text.stdout).toMatch(/purity .* V .* ARI .* NMI /);
    const unknown = await runCli(['label', 'ab'.repeat(16), 'x', ...gateway()]);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('no glitch') });
  });
});

describe('/metrics', () => {
  it('parses and has what every service counts', async () => {
    const { nGlitches } = await waitFor('every glitch to be assigned', async () => {
      const status = await statusOf(ports);
      return status.nWaiting === 0 ? status : undefined;
    });
    const answer = await fetch(`http://127.0.0.1:${ports.metrics}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const samples = parseMetrics(await answer.text());
    for (const service of ['ingest', 'embedder', 'clusterer', 'gateway']) {
      const own = samples.filter(({ name }) => name.startsWith(`glitchwatch_${service}_`));
      expect(own.length, service).toBeGreaterThan(0);
    }
    const sum = (metric: string) =>
      samples.filter(({ name }) => name === metric).reduce((total, { value }) => total + value, 0);
    expect(sum('glitchwatch_ingest_glitches_total')).toBe(nGlitches);
    expect(sum('glitchwatch_embedder_glitches_total')).toBe(nGlitches);
    expect(sum('glitchwatch_clusterer_model_version')).toBe(1);
    expect(sum('glitchwatch_ingest_errors_total')).toBe(1);
  });

  it('the service stops cleanly after all this', async () => {
    expect(await stopGently(started)).toBe(0);
    expect(started.output().stderr).not.toMatch(/"level":"(error|fatal)"/);
  });
});
