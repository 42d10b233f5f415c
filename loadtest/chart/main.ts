/** `npm run bench:chart -- <results.json> [chart.svg]`: draws what `--peers --json` printed. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Report } from '../compare/report.ts';
import { chart } from './chart.ts';

const [from, to] = process.argv.slice(2);
if (from === undefined) {
  process.stderr.write('bench:chart: name the JSON that npm run bench -- --peers --json printed\n');
  process.exit(1);
}
const svg = chart(JSON.parse(readFileSync(from, 'utf8')) as Report);
if (to === undefined) process.stdout.write(svg);
else writeFileSync(to, svg);
