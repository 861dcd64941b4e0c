import { describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';

const size = ['-n', '400', '--kinds', '6', '--dimension', '16', '--epochs', '60', '--json'];

interface Agreement {
  readonly sure: number;
  readonly agreed: number;
}

interface AssignResult {
  readonly heldOut: number;
  readonly perSec: number;
  readonly repeated: number;
  readonly singleMs: { readonly p50: number; readonly p99: number };
  readonly refit: {
    readonly all: Agreement;
    readonly ofKinds: Agreement;
    readonly ofNoKind: Agreement;
    readonly p99Ratio: number;
    readonly p99RatioOfRound: readonly number[];
  };
}

interface IdentityResult {
  readonly steps: readonly { readonly stableMembers: number; readonly unexplained: number }[];
  readonly kept: number;
  readonly keptByLabel: number;
  readonly greatestMove: number;
  readonly greatestMoveCold: number;
  readonly reusedIds: number;
}

describe('bench assign and bench identity', () => {
  it('assigns live, while refitting, and compares with the refit', async () => {
    const { code, stdout, stderr } = await runCli(['bench', 'assign', ...size, '--rounds', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as AssignResult;
    expect(result).toMatchObject({ heldOut: 100, repeated: 100 });
    expect(result.singleMs.p99).toBeGreaterThanOrEqual(result.singleMs.p50);
    expect(result.perSec).toBeGreaterThan(0);
    const { all, ofKinds, ofNoKind } = result.refit;
    expect(all.sure).toBe(ofKinds.sure + ofNoKind.sure);
    expect(ofKinds.sure).toBeGreaterThan(10);
    expect(all.agreed / all.sure).toBeGreaterThan(0.5);
    const ofRound = result.refit.p99RatioOfRound;
    expect(ofRound).toHaveLength(2);
    expect(Math.min(...ofRound, result.refit.p99Ratio)).toBeGreaterThan(0);
  });

  it('follows families across refits', async () => {
    const { code, stdout, stderr } = await runCli(['bench', 'identity', ...size, '--refits', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = JSON.parse(stdout) as IdentityResult;
    expect(result.steps).toHaveLength(2);
    for (const { stableMembers, unexplained } of result.steps) {
      expect(stableMembers).toBeGreaterThan(0);
      expect(unexplained).toBe(0);
    }
    expect(result.reusedIds).toBe(0);
    expect(result.kept).toBeGreaterThan(0.6);
    expect(result.greatestMove).toBeLessThan(result.greatestMoveCold);
  });
});
