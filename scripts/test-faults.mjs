// Every fault in its full form, each on an observatory of its own, then the table in
// docs/reliability.md from what came out of it.
//
//   node scripts/test-faults.mjs [name pattern]   only faults whose name matches; rows of others stay
//   node scripts/test-faults.mjs --table          only the table, from the last results
//
// GLITCHWATCH_FAULTS_SEED    of every random moment (default 20150914)
// GLITCHWATCH_FAULTS_ROUNDS  in which services are killed (default 20)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const resultsDir = join(root, 'node_modules/.cache/glitchwatch-faults');
const page = join(root, 'docs/reliability.md');
const BEGIN = '<!-- begin: table by npm run test:faults -->';
const END = '<!-- end: table by npm run test:faults -->';

async function runFaults(pattern) {
  const args = ['vitest', 'run', '--project', 'system', 'test/faults/faults.test.ts'];
  if (pattern !== undefined) args.push('-t', pattern);
  const child = spawn('npx', args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, GLITCHWATCH_FAULTS: 'full', GLITCHWATCH_FAULTS_RESULTS: resultsDir },
  });
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

/** What it ran on, without a name or a date. */
function machine() {
  const model = cpus()[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown';
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${model}), ${gib} GiB, Node ${process.versions.node}, ${process.platform}`;
}

const rss = (peak) =>
  Object.entries(peak)
    .map(([service, mb]) => `${service} ${mb}`)
    .join(', ');

function tableOf(outcomes) {
  const rows = outcomes.map((one) =>
    [
      one.note === undefined ? one.fault : `${one.fault} (${one.note})`,
      one.form,
      one.rounds,
      one.accepted.toLocaleString('en'),
      one.lost,
      one.contradictions,
      one.repeats,
      one.repeatsToSubscribers,
      one.resumptions,
      `${one.longestPauseSec} s`,
      rss(one.peakRssMb),
    ].join(' | '),
  );
  return [
    `By \`npm run test:faults\`, seed ${outcomes[0]?.seed}, on ${machine()}; load average of the last 15 minutes ${loadavg()[2].toFixed(0)}, on which the pauses depend.`,
    '',
    '| fault | form | rounds | glitches accepted | lost | doubled effects | repeats on the log, dropped by id | repeats to subscribers, known by id | resumptions by cursor | longest pause | peak RSS, MB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

async function writeTable() {
  await mkdir(resultsDir, { recursive: true });
  const names = (await readdir(resultsDir)).filter((name) => name.endsWith('.json')).sort();
  const outcomes = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(resultsDir, name), 'utf8'))),
  );
  if (outcomes.length === 0) return;
  const text = await readFile(page, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${page}: expected the markers ${BEGIN} and ${END}`);
  await writeFile(page, `${before}${BEGIN}\n${tableOf(outcomes)}\n${END}${after}`);
}

const [argument] = process.argv.slice(2);
const code = argument === '--table' ? 0 : await runFaults(argument);
await writeTable();
process.exitCode = code;
