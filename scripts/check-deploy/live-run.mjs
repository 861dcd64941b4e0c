// The start sequence of docker-compose.yml by processes: the services with
// the commands and settings that the file gives them, all started at once, and a
// real Prometheus with the real rules. Hosts become loopback and ports free ones.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { until } from './command.mjs';

export const serviceNames = ['ingest', 'embedder', 'clusterer', 'clusterer-refit', 'gateway'];
const portVariables = {
  GLITCHWATCH_OPS_PORT: 'ops',
  GLITCHWATCH_HTTP_PORT: 'http',
  GLITCHWATCH_GRPC_PORT: 'grpc',
  GLITCHWATCH_INGEST_HTTP_PORT: 'ingestHttp',
  GLITCHWATCH_INGEST_GRPC_PORT: 'ingestGrpc',
  GLITCHWATCH_EMBEDDER_GRPC_PORT: 'embedderGrpc',
};

/**
 * @param servers `{kafka?, redis?}` as `host:port` and URL; embedded stores in
 *   one folder where they are absent.
 */
export async function startLiveRun({ root, project, workDir, servers, settings, prometheus }) {
  const children = [];
  const services = {};
  const cli = join(root, 'apps/cli/bin/glitchwatch.js');
  for (const name of serviceNames) {
    const { command, environment } = project.services[name];
    const ports = {};
    const env = { ...process.env, ...environment, ...settings };
    for (const [variable, port] of Object.entries(portVariables)) {
      ports[port] = await freePort();
      env[variable] = String(ports[port]);
    }
    // The check's own process is not a container: nothing of it is reachable from outside.
    for (const [key, value] of Object.entries(env)) if (value === '0.0.0.0') env[key] = '127.0.0.1';
    setOrDelete(env, 'GLITCHWATCH_KAFKA_BROKERS', servers.kafka);
    setOrDelete(env, 'GLITCHWATCH_REDIS_URL', servers.redis);
    if (env.GLITCHWATCH_EMBEDDER_ADDRESS !== undefined) {
      env.GLITCHWATCH_EMBEDDER_ADDRESS = `127.0.0.1:${services.embedder.ports.embedderGrpc}`;
    }
    env.GLITCHWATCH_DATA_DIR = join(workDir, 'data');
    env.GLITCHWATCH_EXPLORER_DIR = join(root, 'apps/explorer/dist');
    services[name] = {
      ports,
      start: () => launch(name, process.execPath, [cli, ...command], { env, workDir }),
    };
  }
  for (const service of Object.values(services)) {
    service.child = service.start();
    children.push(service.child);
  }

  const prometheusPort = await freePort();
  const config = join(workDir, 'prometheus.yml');
  await writeFile(config, prometheusConfig(root, services));
  const database = join(workDir, 'prometheus');
  const listen = `127.0.0.1:${prometheusPort}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${database}`,
    `--web.listen-address=${listen}`,
  ];
  const server = launch('prometheus', prometheus.command, args, { env: process.env, workDir });
  children.push(server);

  const ops = (name) => `http://127.0.0.1:${services[name].ports.ops}`;
  return {
    ops,
    ingestUrl: `http://127.0.0.1:${services.ingest.ports.ingestHttp}`,
    gatewayUrl: `http://127.0.0.1:${services.gateway.ports.http}`,
    prometheusUrl: `http://${listen}`,
    dataDir: join(workDir, 'data'),
    isReady: async (name) => (await fetch(`${ops(name)}/readyz`)).status === 200,
    /** As a container engine does it, with the volume kept. @returns seconds from start to ready. */
    async restart(name, signal) {
      const service = services[name];
      const code = await stop(service.child, signal);
      const startedMs = Date.now();
      service.child = service.start();
      children.push(service.child);
      await until(`${name} ready again`, () => this.isReady(name));
      return { code, readySec: (Date.now() - startedMs) / 1000 };
    },
    /** SIGTERM to every service. @returns exit codes by service. */
    async stopServices() {
      const codes = await Promise.all(
        serviceNames.map((name) => stop(services[name].child, 'SIGTERM')),
      );
      return Object.fromEntries(serviceNames.map((name, index) => [name, codes[index]]));
    },
    async end() {
      await Promise.all(children.map((child) => stop(child, 'SIGKILL')));
    },
    logOf: (name) => readFile(join(workDir, `${name}.log`), 'utf8'),
  };
}

function setOrDelete(env, name, value) {
  if (value === undefined) delete env[name];
  else env[name] = value;
}

function launch(name, command, args, { env, workDir }) {
  const log = openSync(join(workDir, `${name}.log`), 'a');
  return spawn(command, args, { env, cwd: workDir, stdio: ['ignore', log, log] });
}

function stop(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(child.exitCode ?? child.signalCode);
  }
  return new Promise((resolve) => {
    child.on('exit', (code, by) => resolve(code ?? by));
    child.kill(signal);
  });
}

/** Scraped every second, so that rates have samples after half a minute. */
function prometheusConfig(root, services) {
  const targets = serviceNames.map(
    (name) =>
      `      - { targets: ["127.0.0.1:${services[name].ports.ops}"], labels: { component: ${name} } }`,
  );
  return [
    'global: { scrape_interval: 1s, evaluation_interval: 2s }',
    `rule_files: [${JSON.stringify(join(root, 'deploy/prometheus/rules/*.yml'))}]`,
    'scrape_configs:',
    '  - job_name: glitchwatch',
    '    static_configs:',
    ...targets,
    '',
  ].join('\n');
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
