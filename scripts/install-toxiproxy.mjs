// Builds Toxiproxy, with which the fault tests disturb the network, by a Go toolchain
// into node_modules/.cache, once; prints the path of the server.
//
//   node scripts/install-toxiproxy.mjs
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = 'v2.12.0';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const binDir = join(root, `node_modules/.cache/glitchwatch-toxiproxy-${VERSION}`);
const server = join(binDir, 'server');

function goCommand() {
  for (const go of ['go', '/usr/local/go/bin/go', '/usr/lib/go/bin/go']) {
    try {
      execFileSync(go, ['version'], { stdio: 'ignore' });
      return go;
    } catch {
      // Not there: the next place.
    }
  }
  return undefined;
}

if (!existsSync(server)) {
  const go = goCommand();
  if (go === undefined) {
    console.error(
      `Toxiproxy ${VERSION} is built by Go, and there is no go on the PATH nor in /usr/local/go`,
    );
    process.exit(1);
  }
  mkdirSync(binDir, { recursive: true });
  execFileSync(go, ['install', `github.com/Shopify/toxiproxy/v2/cmd/server@${VERSION}`], {
    env: { ...process.env, GOBIN: binDir, GOFLAGS: '-buildvcs=false' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
console.log(server);
