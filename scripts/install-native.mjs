// Compiles the one native dependency, hnswlib-node, after `npm ci`.
//
// Its own install script is switched off (package.json, allowScripts) because
// node-gyp would ask the network for Node's headers. Most Node installations
// carry them beside the binary (bin/../include/node): they are used when there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(join(root, 'packages/numerics/package.json'));

function loads() {
  const probe = "new (require('hnswlib-node').HierarchicalNSW)('cosine', 2)";
  const { status } = spawnSync(process.execPath, ['-e', probe], {
    cwd: join(root, 'packages/numerics'),
    stdio: 'ignore',
  });
  return status === 0;
}

if (!loads()) {
  const moduleDir = dirname(require.resolve('hnswlib-node/package.json'));
  const prefix = join(dirname(process.execPath), '..');
  const env = { ...process.env };
  if (existsSync(join(prefix, 'include/node/node_api.h'))) env.npm_config_nodedir = prefix;
  const npm = process.env.npm_execpath;
  const gypDirs = npm ? [join(dirname(npm), '../node_modules/node-gyp/bin/node-gyp.js')] : [];
  gypDirs.push(join(prefix, 'lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'));
  const gyp = gypDirs.find((path) => existsSync(path));
  if (!gyp) {
    console.error(`hnswlib-node: node-gyp not found beside npm; looked at ${gypDirs.join(', ')}`);
    process.exit(1);
  }
  const build = spawnSync(process.execPath, [gyp, 'rebuild'], {
    cwd: moduleDir,
    env,
    encoding: 'utf8',
  });
  if (build.status !== 0 || !loads()) {
    console.error(build.stdout, build.stderr);
    console.error(
      'hnswlib-node did not compile. It needs python3, make and a C++ compiler, and the headers ' +
        `of Node ${process.version}: in ${prefix}/include/node, in the folder that npm_config_nodedir names, or from the network.`,
    );
    process.exit(1);
  }
}
