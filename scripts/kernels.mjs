// Compiles the AssemblyScript kernels of packages/numerics and writes them as a module of
// base64: the package needs no file at run time, and the same bytes run in a browser.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const numerics = join(dirname(fileURLToPath(import.meta.url)), '../packages/numerics');
const sources = join(numerics, 'assembly');
const target = join(numerics, 'src/gen/kernels.ts');

const options = [
  '-O3',
  '--noAssert',
  '--converge',
  '--runtime=stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--enable=simd,threads,bulk-memory',
  '--disableWarning=112',
];

const files = readdirSync(sources)
  .filter((name) => name.endsWith('.ts'))
  .sort();
const hash = createHash('sha256').update(options.join(' '));
for (const name of files) hash.update(name).update(readFileSync(join(sources, name)));
const stamp = `// ${hash.digest('hex')}`;

// Two seconds saved where nothing has changed.
if (!existsSync(target) || !readFileSync(target, 'utf8').startsWith(stamp)) {
  const { default: asc } = await import('assemblyscript/asc');
  let module;
  const { error, stderr } = await asc.main(
    ['index.ts', ...options, '--outFile=kernels.wasm', '--baseDir', sources],
    {
      writeFile: (_name, contents) => {
        module = contents;
      },
    },
  );
  if (error) {
    console.error(`${stderr}`);
    throw error;
  }
  mkdirSync(dirname(target), { recursive: true });
  const text = Buffer.from(module).toString('base64');
  writeFileSync(target, `${stamp}\nexport const kernelModule =\n  '${text}';\n`);
}
