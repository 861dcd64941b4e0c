// Kafka and Redis as docker-compose.yml configures them, but as local processes:
// Kafka from its published jars, redis-server from the PATH.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { run, until } from './command.mjs';
import { freePort } from './live-run.mjs';

/** The broker's jars where the tests keep them too; fetched by Maven once. */
async function kafkaJars(root) {
  const libs = join(root, 'node_modules/.cache/glitchwatch-kafka-4.3.1/libs');
  const isThere = await access(libs).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const fetched = `${libs}.${process.pid}`;
    const pom = join(root, 'test/brokers/kafka-local/pom.xml');
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
    try {
      await mkdir(join(libs, '..'), { recursive: true });
      await run('mvn', ['-q', '-B', '-f', pom, ...goal, `-DoutputDirectory=${fetched}`]);
      await rename(fetched, libs);
    } finally {
      await rm(fetched, { recursive: true, force: true });
    }
  }
  const names = (await readdir(libs)).filter((name) => name.endsWith('.jar')).sort();
  return names.map((name) => join(libs, name)).join(':');
}

/** KAFKA_LOG_DIRS is log.dirs: the image's own rule, which makes its whole configuration. */
function brokerProperties(environment, changes) {
  const lines = [];
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('KAFKA_') || variable === 'KAFKA_HEAP_OPTS') continue;
    const name = variable.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.');
    lines.push(`${name}=${changes[name] ?? changeHosts(value, changes)}`);
  }
  return `${lines.join('\n')}\n`;
}

function changeHosts(value, { hosts }) {
  let text = value;
  for (const [from, to] of hosts) text = text.replaceAll(from, to);
  return text;
}

/**
 * Starts both with the settings that the compose file gives them.
 * @throws Error where Java, Maven or redis-server is missing, or one does not start.
 */
export async function startLocalServers({ root, project, workDir }) {
  const children = [];
  const end = async () => {
    for (const child of children) child.kill('SIGKILL');
  };
  try {
    await run('redis-server', ['--version']);
    const jars = await kafkaJars(root);
    const [broker, controller, redis] = await Promise.all([freePort(), freePort(), freePort()]);
    children.push(await startKafka({ project, jars, workDir, broker, controller }));
    children.push(startRedis({ project, workDir, redis }));
    await until('Kafka answers', () => isOpen(broker), 90_000);
    await until('Redis answers', () => isOpen(redis), 20_000);
    return { kafka: `127.0.0.1:${broker}`, redis: `redis://127.0.0.1:${redis}`, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startKafka({ project, jars, workDir, broker, controller }) {
  const hosts = [
    ['0.0.0.0:9092', `127.0.0.1:${broker}`],
    ['0.0.0.0:9093', `127.0.0.1:${controller}`],
    ['kafka:9092', `127.0.0.1:${broker}`],
    ['kafka:9093', `127.0.0.1:${controller}`],
  ];
  const config = join(workDir, 'kafka.properties');
  const changes = { hosts, 'log.dirs': join(workDir, 'kafka') };
  await writeFile(config, brokerProperties(project.services.kafka.environment, changes));
  const java = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', jars];
  const tool = [...java, 'kafka.tools.StorageTool'];
  const id = (await run('java', [...tool, 'random-uuid'])).trim().split('\n').at(-1);
  await run('java', [...tool, 'format', '-t', id, '-c', config]);
  const log = openSync(join(workDir, 'kafka.log'), 'a');
  return spawn('java', [...java, 'kafka.Kafka', config], { stdio: ['ignore', log, log] });
}

function startRedis({ project, workDir, redis }) {
  const [command, ...args] = project.services.redis.command;
  const local = ['--port', String(redis), '--bind', '127.0.0.1', '--dir', workDir];
  const log = openSync(join(workDir, 'redis.log'), 'a');
  return spawn(command, [...args, ...local], { stdio: ['ignore', log, log] });
}

function isOpen(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', reject);
  });
}
