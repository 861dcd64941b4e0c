import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeLines } from '../fixtures/picture-folder.js';
import { openPictureWorld, type PictureWorld } from '../fixtures/picture-world.js';

let world: PictureWorld;

beforeAll(async () => {
  world = await openPictureWorld();
}, 300_000);
afterAll(() => world.close());

describe('a table', () => {
  const ids = () => world.glitches.map(({ key }) => key.split('_') as [string, string]);
  const header = 'gravityspy_id,ifo,label,snr,peak_frequency';
  const rows = () => ids().map(([ifo, id]) => `${id},${ifo},Blip,12.5,150`);

  /** The folder with a table; the spoilt row is that of the first glitch, line 2. */
  async function withTable(name: string, lines: readonly string[]) {
    const { folder } = await world.folderOf(`table-${name}`);
    const csv = join(world.dir, `${name}.csv`);
    await writeLines(csv, lines);
    return { csv, ...(await world.ingest(folder, csv)) };
  }

  const badRows: [string, (good: string) => string, RegExp, string?][] = [
    ['NaN SNR', (row) => row.replace('12.5', 'NaN'), /snr.*expected.*found.*NaN/i, 'snr'],
    [
      'negative SNR',
      (row) => row.replace('12.5', '-4'),
      /snr.*expected.*negative.*found.*-4/i,
      'snr',
    ],
    ['SNR in words', (row) => row.replace('12.5', 'loud'), /snr.*expected.*found.*loud/i, 'snr'],
    [
      'infinite frequency',
      (row) => row.replace('150', 'inf'),
      /peak_?frequency.*expected.*found.*inf/i,
    ],
    [
      'unknown detector',
      (row) => row.replace(/,(H1|L1),/, ',X9,'),
      /detector.*H1.*found.*X9/,
      'ifo',
    ],
    ['a value too few', (row) => row.replace(',150', ''), /5 values.*found 4/],
  ];
  it.each(badRows)(
    '%s: the row is refused by line, the others go in',
    async (name, spoil, expected, field) => {
      const [first = '', ...others] = rows();
      const { code, report, csv } = await withTable(name.replaceAll(' ', '-'), [
        header,
        spoil(first),
        ...others,
      ]);
      expect(code).toBe(0);
      expect(report?.rejectedCount).toBe(1);
      const [problem] = report?.rejected ?? [];
      expect(problem).toMatchObject({ file: csv, row: 2, ...(field ? { field } : {}) });
      expect(problem?.message).toContain(`${csv} row 2`);
      expect(problem?.message).toMatch(expected);
      // A row that no longer names its glitch leaves its pictures without data.
      expect(report?.accepted).toBe(name === 'unknown detector' ? 3 : 2);
    },
  );

  it('without a needed column: one sentence with the columns found, nothing goes in', async () => {
    const { code, stderr, csv } = await withTable('no-id', ['name,ifo,label', 'a,H1,Blip']);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`${csv} has no column gravityspy_id`);
    expect(stderr).toContain('name, ifo, label');
  });

  it('a byte order mark, CRLF, quoted commas and an odd order of columns are fine', async () => {
    const { folder } = await world.folderOf('table-odd');
    const csv = join(world.dir, 'odd.csv');
    const lines = ids().map(([ifo, id]) => `"Blip, or ""so""",${id},12.5,${ifo}`);
    await writeFile(csv, `\ufefflabel,gravityspy_id,snr,ifo\r\n${lines.join('\r\n')}\r\n`);
    const { code, report, inLog } = await world.ingest(folder, csv);
    expect(code).toBe(0);
    expect(report).toMatchObject({ accepted: 3, rejectedCount: 0, warningCount: 0 });
    for (const { trigger } of inLog) {
      expect(trigger).toMatchObject({ label: 'Blip, or "so"', snr: 12.5 });
    }
  });

  it('that is not there, or is no table', async () => {
    const { folder } = await world.folderOf('table-missing');
    const missing = await world.ingest(folder, join(world.dir, 'missing.csv'));
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain('missing.csv');
    const picture = await world.ingest(folder, world.glitches[0]?.pictures[0]);
    expect(picture.code).toBe(1);
    expect(picture.stderr).toContain(`${world.glitches[0]?.pictures[0]} is not a CSV file`);
    expect(picture.stderr.length).toBeLessThan(600);
  });
});
