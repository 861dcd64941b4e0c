import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

/** The example in a package's README runs as it stands, its data folder apart. */
test.each(['event-log', 'state-store', 'blob-store'])('the example of %s runs', async (name) => {
  const readme = fileURLToPath(new URL(`../../packages/${name}/README.md`, import.meta.url));
  const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(readme, 'utf8'))?.[1];
  if (example === undefined) expect.fail(`${readme} has no example`);
  const dir = mkdtempSync(join(tmpdir(), 'glitchwatch-readme-'));
  try {
    const packageName = `@glitchwatch/${name}`;
    const code = example
      .replace(`'${packageName}'`, `'${import.meta.resolve(packageName)}'`)
      .replace("'data/", `'${dir}/data/`);
    const script = join(dir, 'example.mjs');
    writeFileSync(script, code);
    await import(/* @vite-ignore */ pathToFileURL(script).href);
    expect(existsSync(join(dir, 'data'))).toBe(true);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
