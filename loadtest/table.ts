import type { Figures } from './results.ts';
import type { Row } from './rows.ts';
import { type Judged, judge, TARGETS } from './targets.ts';

const DECIMALS: Record<Row['unit'], number> = { '/s': 0, µs: 1, s: 2, bytes: 0, '×': 3 };

/** As many digits as the measurement is worth. */
export const rounded = (value: number, unit: Row['unit']): number =>
  Number(value.toFixed(DECIMALS[unit]));

/** The figures for a person: every row, what it compares, and whether it reaches its target. */
export function table(rows: readonly Row[], figures: Figures): string {
  const lines = rows.map((row) => [
    row.name,
    shown(row, figures[row.name]),
    row.unit,
    row.what,
    verdicts(row, figures),
  ]);
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const text = lines.map((line) => layOut(line, widths, (at) => at === 1));
  return `${text.join('\n')}\n`;
}

function shown(row: Row, value: number | null | undefined): string {
  if (value == null) return 'not here';
  const digits = DECIMALS[row.unit];
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value.toLocaleString('en-GB', options);
}

const verdicts = (row: Row, figures: Figures): string =>
  TARGETS.filter((target) => target.row === row.name)
    .map((target) => judge(target, figures))
    .filter((judged) => judged !== undefined)
    .map(verdict)
    .join('; ');

function verdict({ target, met, times }: Judged): string {
  const word = met ? 'met' : 'MISSED';
  const sign = target.sense === 'at least' ? '≥' : '≤';
  const amount = target.amount.toLocaleString('en-GB');
  if (times === undefined) return `${sign} ${amount} ${word}`;
  return `${sign} ${amount} × ${target.times} ${word} (${times.toFixed(2)} ×)`;
}

/** A line of a table. Figures end on the right. */
export function layOut(
  line: readonly string[],
  widths: readonly number[],
  isFigure: (at: number) => boolean,
): string {
  const cells = line.map((cell, at) => {
    const width = widths[at] ?? 0;
    return isFigure(at) ? cell.padStart(width) : cell.padEnd(width);
  });
  return cells.join('  ').trimEnd();
}
