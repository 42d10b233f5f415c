import type { Row } from './scenario.ts';

const COLUMNS = ['rounds', 'acknowledged', 'lost', 'doubled', 'longest outage'] as const;

/** The rows for a person. */
export function table(rows: Readonly<Record<string, Row>>): string {
  const width = Math.max(...Object.keys(rows).map((name) => name.length), 8);
  const head = ['scenario'.padEnd(width), ...COLUMNS.map((c) => c.padStart(c.length + 2))];
  const lines = Object.entries(rows).map(([name, row]) => `${name.padEnd(width)}${tail(row)}`);
  return `${[head.join(''), ...lines].join('\n')}\n`;
}

function tail(row: Row): string {
  if (row.skipped !== undefined) return `  skipped: ${row.skipped}`;
  const { rounds, acknowledged, lost, doubled, longest_outage_ms: outage } = row;
  const p99 = row.outage_p99_ms;
  const figures = [rounds, acknowledged, lost, doubled, `${(outage / 1_000).toFixed(2)} s`];
  const cells = figures.map((f, i) => String(f).padStart((COLUMNS[i] as string).length + 2));
  const more = p99 === undefined ? '' : `  (p99 ${(p99 / 1_000).toFixed(2)} s)`;
  const found = row.found === undefined ? '' : `  (found ${row.found})`;
  const wrong = row.wrong === undefined ? '' : `  WRONG: ${row.wrong[0]}`;
  return `${cells.join('')}${more}${found}${wrong}`;
}
