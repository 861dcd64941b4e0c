// Holds the Markdown files against the tree: relative links and `npm run`
// scripts named in them must exist, and no page may name a verb that the
// command line lacks.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean);
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const help = execFileSync(process.execPath, [join(root, 'apps/cli/bin/glitchwatch.js'), '--help'], {
  encoding: 'utf8',
});
const verbs = new Set([...help.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, verb]) => verb));

const problems = [];
for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    if (!existsSync(join(root, dirname(page), target))) {
      problems.push(`${page}: link to ${target}, which does not exist`);
    }
  }
  for (const [, name] of text.matchAll(/npm run ([\w:-]+)/g)) {
    if (!(name in scripts)) problems.push(`${page}: npm run ${name} is no script of package.json`);
  }
  for (const [, verb] of text.matchAll(/npx glitchwatch ([a-z]+)/g)) {
    if (!verbs.has(verb)) problems.push(`${page}: glitchwatch ${verb} is no verb`);
  }
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
