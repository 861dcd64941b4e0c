// What can be said of the files without running anything of ours.
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { run } from './command.mjs';

const kubernetesVersions = ['1.30', '1.34'];

export async function checkDockerfile({ root, report, tools }) {
  await report.check('Dockerfile.cuda: what it installs is what onnxruntime-node offers', () =>
    checkCudaProvider(root),
  );
  if (tools.hadolint === undefined) return;
  for (const file of ['Dockerfile', 'Dockerfile.cuda']) {
    await report.check(`${file}: hadolint`, () =>
      run(tools.hadolint.command, [file], { cwd: root }),
    );
  }
}

/** The installer's flag, the files looked for afterwards and the base's CUDA belong to the locked version. */
async function checkCudaProvider(root) {
  const text = await readFile(join(root, 'Dockerfile.cuda'), 'utf8');
  const folder = join(root, 'node_modules/onnxruntime-node');
  const { manifests } = createRequire(import.meta.url)(join(folder, 'script/install-metadata.js'));
  const [, flag] = /ONNXRUNTIME_NODE_INSTALL=(\w+)/.exec(text) ?? [];
  const offered = manifests[`linux/x64:${flag}`];
  if (offered === undefined) {
    throw new Error(`${flag}: expected one of ${Object.keys(manifests).join(', ')}`);
  }
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!text.includes(`onnxruntime-node ${version.replace(/\.\d+$/, '')} `)) {
    throw new Error(`onnxruntime-node is ${version} now: is the CUDA of the base still right?`);
  }
  for (const [, path] of text.matchAll(/test -f \/app\/(\S+)/g)) {
    const name = path.split('/').at(-1);
    if (offered[`./${name}`] === undefined)
      throw new Error(`${name}: not among ${Object.keys(offered)}`);
    if (!existsSync(join(root, dirname(path)))) throw new Error(`no folder ${dirname(path)}`);
  }
  const cuda = flag.replace('cuda', '');
  if (!new RegExp(`^ARG CUDA_IMAGE=\\S+:${cuda}\\.\\S+-cudnn-runtime-`, 'm').test(text)) {
    throw new Error(`the base: expected CUDA ${cuda} with cuDNN at run time`);
  }
  return `${Object.keys(offered).length} files for ${flag}`;
}

/** @returns the project as compose sees it, or undefined. */
export async function checkCompose({ root, report, tools }) {
  if (tools.compose === undefined) return undefined;
  let project;
  await report.check('docker-compose.yml: schema, variables', async () => {
    project = JSON.parse(await run(tools.compose.command, ['docker-compose.yml'], { cwd: root }));
    return `${Object.keys(project.services).length} services`;
  });
  return project;
}

export async function checkKubernetes({ root, report, tools, workDir }) {
  if (tools.kustomize === undefined) return;
  for (const folder of ['base', 'overlays/example']) {
    const file = join(workDir, `${folder.replace('/', '-')}.yaml`);
    const built = await report.check(`deploy/k8s/${folder}: kustomize build`, async () => {
      const text = await run(tools.kustomize.command, ['build', join('deploy/k8s', folder)], {
        cwd: root,
      });
      await writeFile(file, text);
      return `${text.split(/^---$/m).length} objects`;
    });
    if (!built || tools.kubernetesValidate === undefined) continue;
    const { command, args, env } = tools.kubernetesValidate;
    for (const version of kubernetesVersions) {
      await report.check(
        `deploy/k8s/${folder}: schemas of Kubernetes ${version}, strict`,
        async () => {
          await run(command, [...args, '--strict', '-k', version, file], { env });
        },
      );
    }
  }
}

export async function checkPrometheusFiles({ root, report, tools, workDir }) {
  if (tools.prometheus === undefined) return;
  const { promtool } = tools.prometheus;
  const cwd = join(root, 'deploy/prometheus');
  await report.check('prometheus.yml and rules: promtool check config', () =>
    run(promtool, ['check', 'config', 'prometheus.yml'], { cwd }).then(() => undefined),
  );
  await report.check('rules: promtool test rules', async () => {
    const tests = (await readdir(join(cwd, 'tests'))).map((name) => `tests/${name}`);
    await run(promtool, ['test', 'rules', ...tests], { cwd });
    const rules = await readFile(join(cwd, 'rules/glitchwatch.yml'), 'utf8');
    const tested = await readFile(join(cwd, 'tests/glitchwatch.yml'), 'utf8');
    const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    const untested = alerts.filter((name) => !tested.includes(`alertname: ${name}\n`));
    if (untested.length > 0) throw new Error(`no test of ${untested.join(', ')}`);
    return `${alerts.length} alerts`;
  });
  await report.check('kubernetes.yml: relabelling by promtool check config', async () => {
    const text = await readFile(join(cwd, 'kubernetes.yml'), 'utf8');
    // Debian's build knows no kubernetes_sd_configs: everything else of the file is checked.
    const block = /^( +)kubernetes_sd_configs:\n(?:\1 +.*\n)+/m;
    if (!block.test(text)) throw new Error('no kubernetes_sd_configs found');
    const file = join(workDir, 'kubernetes.yml');
    await writeFile(
      file,
      text.replace(block, '$1static_configs: [{ targets: ["127.0.0.1:1"] }]\n'),
    );
    await run(promtool, ['check', 'config', file]);
  });
  report.leftOut(
    'kubernetes_sd_configs of deploy/prometheus/kubernetes.yml',
    "Debian's Prometheus is built without it",
  );
}

/** The committed dashboard is the one that panels.mjs describes, with ids and places that do not clash. */
export async function checkDashboardFile({ root, report }) {
  const { dashboard } = await import(join(root, 'deploy/grafana/dashboard.mjs'));
  await report.check('dashboard: as panels.mjs makes it, ids and places unique', async () => {
    const path = join(root, 'deploy/grafana/dashboards/glitchwatch.json');
    const committed = JSON.parse(await readFile(path, 'utf8'));
    if (!isDeepStrictEqual(committed, JSON.parse(JSON.stringify(dashboard)))) {
      throw new Error('dashboards/glitchwatch.json is old: node deploy/grafana/dashboard.mjs');
    }
    const { panels } = committed;
    if (new Set(panels.map(({ id }) => id)).size !== panels.length) throw new Error('ids repeat');
    const taken = new Map();
    for (const { title, gridPos } of panels) {
      if (gridPos.x + gridPos.w > 24) throw new Error(`${title} is beyond the right edge`);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          const other = taken.get(`${x},${y}`);
          if (other !== undefined) throw new Error(`${title} lies on ${other}`);
          taken.set(`${x},${y}`, title);
        }
      }
    }
    return `${panels.length} panels`;
  });
}

/** Every GLITCHWATCH_… that a deploy file sets is read by the program, and every command exists. */
export async function checkNames({ root, report, project }) {
  await report.check('variables set in deploy files are read by the program', async () => {
    const known = new Set();
    for (const path of await sourceFiles(root)) {
      const text = await readFile(path, 'utf8');
      for (const [name] of text.matchAll(/GLITCHWATCH_[A-Z0-9_]*[A-Z0-9]/g)) known.add(name);
    }
    // Put together from a server's prefix and these endings (packages/stores).
    const endings =
      /^GLITCHWATCH_(KAFKA|REDIS)_(USERNAME|PASSWORD(_FILE)?|SASL_MECHANISM|KEY_PREFIX|CLIENT_ID|TOPIC_PREFIX|REPLICATION_FACTOR|COMPRESSION|TLS(_(CA|CERT|KEY)_FILE|_SERVER_NAME)?)$/;
    const files = ['Dockerfile', 'Dockerfile.cuda', 'deploy/k8s/base/settings.env'];
    files.push('deploy/k8s/base/embedder.yaml', 'deploy/k8s/base/gateway.yaml');
    files.push('deploy/k8s/overlays/example/kustomization.yaml');
    files.push('deploy/k8s/components/tls/kustomization.yaml', 'docs/deploy.md');
    const unknown = [];
    let count = 0;
    const look = (name, where) => {
      count += 1;
      if (!known.has(name) && !endings.test(name)) unknown.push(`${name} in ${where}`);
    };
    for (const file of files) {
      const text = await readFile(join(root, file), 'utf8');
      for (const [name] of text.matchAll(/GLITCHWATCH_[A-Z0-9_]*[A-Z0-9]/g)) look(name, file);
    }
    for (const [service, { environment }] of Object.entries(project?.services ?? {})) {
      for (const name of Object.keys(environment ?? {})) {
        if (name.startsWith('GLITCHWATCH_')) look(name, `docker-compose.yml, ${service}`);
      }
    }
    if (unknown.length > 0) throw new Error(`read nowhere: ${unknown.join('; ')}`);
    return `${count} settings`;
  });
}

async function sourceFiles(root) {
  const files = [];
  for (const folder of ['packages', 'services', 'apps/cli']) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names) {
      if (/(^|\/)(node_modules|dist)\//.test(name) || /\.test\.ts$/.test(name)) continue;
      if (/\.ts$/.test(name)) files.push(join(root, folder, name));
    }
  }
  return files;
}
