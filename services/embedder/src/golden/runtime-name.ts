import { createRequire } from 'node:module';

/** What runs the networks, without loading it: that is the workers' business. */
export function runtimeName(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
    readonly version: string;
  };
  return `onnxruntime ${version}`;
}
