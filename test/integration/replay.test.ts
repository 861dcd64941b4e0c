import { describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';

interface Replay {
  readonly digest: {
    readonly sha256: string;
    readonly assignments: number;
    readonly repeated: number;
  };
  readonly kills: number;
  readonly isIdentical: boolean;
}

interface ReplayResult {
  readonly models: number;
  readonly recorded: Replay['digest'];
  readonly undisturbed: Replay;
  readonly disturbed: readonly Replay[];
}

describe('bench replay', () => {
  it('gives the same assignments, bit for bit, while clusterers are killed at random moments', async () => {
    const sizes = ['--glitches', '480', '--refits', '2', '--replays', '1', '--kills', '3'];
    const { code, stdout, stderr } = await runCli([
      'bench',
      'replay',
      '--synthetic',
      ...sizes,
      '--json',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { models, recorded, undisturbed, disturbed } = JSON.parse(stdout) as ReplayResult;
    expect(models).toBe(3);
    // Parts of 120: each glitch has one under each model from its own on.
    expect(recorded).toMatchObject({ assignments: 240 + 360 + 480, repeated: 0 });
    for (const { digest, isIdentical } of [undisturbed, ...disturbed]) {
      expect(digest).toEqual(recorded);
      expect(isIdentical).toBe(true);
    }
    expect(disturbed[0]?.kills).toBeGreaterThanOrEqual(3);
  });
});
