import { describe, it } from 'vitest';
import { checkSmallBench, smallBenchTimeoutMs } from '../fixtures/small-bench.js';

describe('bench pipeline', () => {
  it('measures every phase on the embedded log', { timeout: smallBenchTimeoutMs }, () =>
    checkSmallBench('embedded'),
  );
});
