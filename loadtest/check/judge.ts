import type { Spread } from '../stats.ts';

/** Row name → what was measured; null where this machine cannot measure it. */
export type Measured = Readonly<Record<string, Spread | null>>;

export type Verdict =
  | { readonly kind: 'steady' | 'worse' | 'better'; readonly change: number; readonly room: number }
  /** Measured, but there is nothing to hold it against. */
  | { readonly kind: 'not recorded' }
  /** Recorded elsewhere, not measurable here. */
  | { readonly kind: 'not here' };

/** Whatever the noise: no less than this is called a change. */
export const LEAST_CHANGE = 0.02;

/**
 * Holds one row against its record. Every row is a cost: more is worse. It is
 * worse where its middle lies beyond nine tenths of what was measured when it
 * was recorded, so beyond the noise of that.
 */
export function judgeRow(
  recorded: Spread | null | undefined,
  measured: Spread | null | undefined,
): Verdict {
  if (measured == null) return { kind: 'not here' };
  if (recorded == null) return { kind: 'not recorded' };
  const room = Math.max(recorded.high / recorded.middle - 1, LEAST_CHANGE);
  const down = Math.max(1 - recorded.low / recorded.middle, LEAST_CHANGE);
  const change = measured.middle / recorded.middle - 1;
  if (change > room) return { kind: 'worse', change, room };
  return { kind: change < -down ? 'better' : 'steady', change, room };
}

/** Rows that fail: worse, or without a record. */
export const failures = (recorded: Measured, measured: Measured): string[] =>
  Object.keys(measured).filter((name) => {
    const { kind } = judgeRow(recorded[name], measured[name]);
    return kind === 'worse' || kind === 'not recorded';
  });

/** A line for each row of either side. */
export function judgedText(recorded: Measured, measured: Measured): string {
  const names = [...new Set([...Object.keys(recorded), ...Object.keys(measured)])];
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => {
    const [was, is] = [recorded[name], measured[name]];
    return `${name.padEnd(width)}  ${shown(was)} → ${shown(is)}  ${said(judgeRow(was, is))}`;
  });
  return `${lines.join('\n')}\n`;
}

function said(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'not recorded':
      return 'NOT RECORDED: npm run bench:check -- --record';
    case 'not here':
      return 'not countable here';
    case 'worse':
      return `WORSE by ${percent(verdict.change)}, beyond the noise of ${percent(verdict.room)}`;
    case 'better':
      return `better by ${percent(-verdict.change)}: record it`;
    case 'steady':
      return `steady (${verdict.change < 0 ? '−' : '+'}${percent(Math.abs(verdict.change))}, noise ${percent(verdict.room)})`;
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const shown = (spread: Spread | null | undefined): string =>
  (spread == null ? '—' : spread.middle.toPrecision(4)).padStart(8);
