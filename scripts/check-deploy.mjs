// Checks what ships: Dockerfile, docker-compose.yml, deploy/. It needs no container
// engine, no cluster and no Grafana; what it therefore cannot say, it lists.
//
//   node scripts/check-deploy.mjs [--image] [--strict]
//
// --image   also builds the image with buildah and runs it read-only (minutes)
// --strict  fails where a tool could not be had
//
// KAFKA_BROKERS and REDIS_URL: the live run uses these servers; else it starts a
// local Kafka (Java 17, Maven) and redis-server with the settings of the compose
// file. Tools come by apt, pip and go into a cache folder.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkImage } from './check-deploy/image.mjs';
import { checkLive } from './check-deploy/live-checks.mjs';
import { startLocalServers } from './check-deploy/local-servers.mjs';
import { createReport } from './check-deploy/report.mjs';
import {
  checkCompose,
  checkDashboardFile,
  checkDockerfile,
  checkKubernetes,
  checkNames,
  checkPrometheusFiles,
} from './check-deploy/static-checks.mjs';
import { installTools } from './check-deploy/tools.mjs';

const flags = new Set(process.argv.slice(2));
const unknown = [...flags].filter((flag) => flag !== '--image' && flag !== '--strict');
if (unknown.length > 0) {
  console.error(`unknown option ${unknown.join(' ')}; known: --image --strict`);
  process.exit(2);
}

/** Given servers; else local ones by the settings of the compose file; else none, said loudly. */
async function findServers(context) {
  const given = { kafka: process.env.KAFKA_BROKERS, redis: process.env.REDIS_URL };
  const end = async () => undefined;
  if (given.kafka && given.redis) return { ...given, end };
  let servers = { end };
  await report.check('Kafka and Redis start with the settings of docker-compose.yml', async () => {
    servers = await startLocalServers(context).catch((error) => {
      if (!/ENOENT|mvn ended/.test(error.message)) throw error;
      report.notChecked(
        'the start sequence on Kafka and Redis',
        `${error.message}; embedded stores in their place`,
      );
      return { end };
    });
  });
  return servers;
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const report = createReport();
const workDir = await mkdtemp(join(tmpdir(), 'glitchwatch-check-deploy-'));
try {
  const tools = await installTools(report);
  const context = { root, report, tools, workDir };
  await checkDockerfile(context);
  const project = await checkCompose(context);
  await checkNames({ ...context, project });
  await checkKubernetes(context);
  await checkPrometheusFiles(context);
  await checkDashboardFile(context);
  if (project !== undefined && tools.prometheus !== undefined) {
    const servers = await findServers({ ...context, project });
    try {
      await checkLive({ ...context, project, servers });
    } finally {
      await servers.end();
    }
  }
  if (flags.has('--image')) await checkImage(context);
  else
    report.leftOut(
      'the image build',
      'takes minutes; --image does it with a stand-in for the base image',
    );
  report.leftOut('the dashboard drawn by Grafana', 'no Grafana is to be had here');
  report.leftOut('the published images and their tags', 'no image registry is reached');
} finally {
  await rm(workDir, { recursive: true, force: true });
}
process.exitCode = report.finish({ strict: flags.has('--strict') });
