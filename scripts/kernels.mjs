// Compiles a package's AssemblyScript kernels and writes them as a module of base64: the
// package needs no file at run time, and the same bytes run in a browser.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = join(dirname(fileURLToPath(import.meta.url)), '../packages');

const options = [
  '-O3',
  '--noAssert',
  '--converge',
  '--runtime=stub',
  '--importMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--enable=simd,threads,bulk-memory',
  '--disableWarning=112',
];

await compile('numerics', ['--sharedMemory']);
await compile('spectrogram', []);

async function compile(name, own) {
  const sources = join(packages, name, 'assembly');
  const target = join(packages, name, 'src/gen/kernels.ts');
  const flags = [...options, ...own];
  const files = readdirSync(sources)
    .filter((file) => file.endsWith('.ts'))
    .sort();
  const hash = createHash('sha256').update(flags.join(' '));
  for (const file of files) hash.update(file).update(readFileSync(join(sources, file)));
  const stamp = `// ${hash.digest('hex')}`;
  // Two seconds saved where nothing has changed.
  if (existsSync(target) && readFileSync(target, 'utf8').startsWith(stamp)) return;

  const { default: asc } = await import('assemblyscript/asc');
  let module;
  const { error, stderr } = await asc.main(
    ['index.ts', ...flags, '--outFile=kernels.wasm', '--baseDir', sources],
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
