import { describe, expect, it } from 'vitest';
import { runCli } from '../fixtures/cli-process.js';

const verbs = [
  'start',
  'ingest',
  'ingest images',
  'ingest serve',
  'run',
  'embed',
  'fit',
  'cluster',
  'subscribe',
  'agreement',
  'label',
  'simulate',
  'bench novelty',
  'bench pipeline',
  'bench replay',
  'dlq list',
  'dlq show',
  'dlq replay',
  'embedder serve',
  'clusterer serve',
  'gateway serve',
];

async function check(line: string, code: number, ...said: (string | RegExp)[]): Promise<void> {
  const result = await runCli(line === '' ? [] : line.split(' '));
  expect(`${line}: ${result.code}`).toBe(`${line}: ${code}`);
  const text = code === 0 ? result.stdout : result.stderr;
  for (const part of said) expect(text).toMatch(part);
  expect(result.stderr).not.toMatch(/ {4}at /);
}

describe('exit code 0', () => {
  it('--help names every verb', async () => {
    await check('--help', 0, ...verbs.map((verb) => verb.split(' ')[0] ?? ''));
  });
  it.concurrent.each(verbs)('%s --help', (verb) =>
    check(`${verb} --help`, 0, `Usage: glitchwatch ${verb}`),
  );
  it('--version', () => check('--version', 0, /^\d+\.\d+\.\d+\n$/));
});

describe('exit code 2: bad usage', () => {
  const cases: [line: string, ...said: (string | RegExp)[]][] = [
    ['', 'Usage: glitchwatch'],
    ['frobnicate', /unknown command 'frobnicate'/],
    ['ingest frobnicate', /unknown command 'frobnicate'/],
    ['start --frobnicate', /unknown option '--frobnicate'/],
    ['start extra', /too many arguments/],
    ['start --http-port eighty', '--http-port', 'eighty', /0 to 65535/],
    ['start --http-port 70000', '--http-port', '70000'],
    ['start --min-fit 2', '--min-fit', /from 4/],
    ['start --log-level loud', '--log-level', 'loud', 'debug'],
    ['run --out o', '--images'],
    ['run --images i --out o --min-dist -1', '--min-dist', '-1'],
    ['run --images i --out o --min-cluster-size 2.5', '--min-cluster-size', /whole number/],
    ['ingest images', /missing required argument 'dir'/],
    ['embed --images i --out o.txt', '--out', /\.npy/],
    ['fit --embeddings e.npy --out o --metric manhattan', '--metric', 'manhattan'],
    ['cluster --points p.npy --out o --min-cluster-size 1', '--min-cluster-size', /from 2/],
    ['subscribe everything', 'everything', 'alerts'],
    ['subscribe alerts --count 0', '--count', /from 1/],
    ['label abc', '--clear'],
    ['agreement --disagreements -1', '--disagreements', /from 0/],
    ['simulate -n 3', '--out DIR'],
    ['bench pipeline --log kafka', '--kafka host:port', 'npm run bench:kafka'],
    ['bench pipeline --kafka 127.0.0.1:9', '--log kafka'],
    ['bench pipeline --glitches 3', '--glitches', /from 50/],
    ['dlq', 'Usage: glitchwatch dlq'],
    ['dlq show', /missing required argument 'topic'/],
    ['dlq show t --limit 0', '--limit', /from 1/],
    ['dlq replay t', '--offset N', '--all'],
    ['dlq replay t --all --offset 3', '--offset N', '--all'],
    ['dlq replay t --offset three', '--offset', /whole number/],
    ['simulate --classes Blob --out o', 'Blob', 'Koi_Fish'],
  ];
  it.concurrent.each(cases)('glitchwatch %s', (line, ...said) => check(line, 2, ...said));
});

describe('exit code 1: it could not be done', () => {
  const cases: [line: string, ...said: (string | RegExp)[]][] = [
    ['fit --embeddings missing.npy --out o', 'missing.npy'],
    ['embed --images missing-folder --out o.npy', 'missing-folder'],
  ];
  it.concurrent.each(cases)('glitchwatch %s', (line, ...said) =>
    check(line, 1, /^glitchwatch: /, ...said),
  );
});
