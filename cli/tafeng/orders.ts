/**
 * Reads the Ta-Feng order lines. Pure: the file's bytes in, a value out. The
 * file is not in date order (10,405 runs of 120 dates) and a basket's lines lie
 * scattered among others', so the dates are gathered first and only the lines of
 * the window are read.
 */
import { StartError } from '../../engine/errors.ts';
import type { Orders } from './basket.ts';
import { type Columns, readHeader } from './columns.ts';
import { Row, rowAt } from './rows.ts';
import { Window } from './window.ts';

const BYTE_ORDER_MARK = Buffer.from('\ufeff', 'utf8');

/**
 * The first `days` dates of a Ta-Feng CSV. A date counts if the file has a line
 * of it; the known data set has every date from 2000-11-01 to 2001-02-28, so
 * there these are calendar days as well. Throws StartError, with the line, on
 * what does not parse: a missing column, a date, customer or product that is
 * none, an AMOUNT that is not a whole number from 1.
 */
export function readOrders(csv: Buffer | string, days: number): Orders {
  if (!Number.isInteger(days) || days < 1)
    throw new StartError('days must be a whole number from 1');
  const bytes = typeof csv === 'string' ? Buffer.from(csv, 'utf8') : csv;
  const marked = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  const header = rowAt(bytes, marked ? BYTE_ORDER_MARK.length : 0);
  const row = new Row(bytes);
  const columns = readHeader(row.cut(header.from, header.to));

  const byDate = gatherDates(bytes, row, columns, header.next);
  if (byDate.size === 0) throw new StartError('the Ta-Feng file has no order lines');
  const dates = [...byDate.keys()].sort((a, b) => a - b).slice(0, days);

  const window = new Window();
  for (const date of dates) {
    window.open(isoDate(date));
    for (const from of byDate.get(date) ?? []) {
      window.add(row.cut(from, rowAt(bytes, from).to), columns);
    }
  }
  return window.close(dates.length);
}

/** Where the lines of each date begin, in file order. Empty lines are passed over. */
function gatherDates(
  csv: Buffer,
  row: Row,
  columns: Columns,
  first: number,
): Map<number, number[]> {
  const byDate = new Map<number, number[]>();
  for (let at = first; at < csv.length; ) {
    const { from, to, next } = rowAt(csv, at);
    at = next;
    if (from === to) continue;
    row.cut(from, to);
    if (row.fields !== columns.count) {
      throw row.error(`${row.fields} fields where the header has ${columns.count}`);
    }
    const date = row.monthDayYear(columns.TRANSACTION_DT);
    const lines = byDate.get(date);
    if (lines) lines.push(from);
    else if (isoDate(date) !== '') byDate.set(date, [from]);
    else throw row.error(`TRANSACTION_DT is no date: ${row.text(columns.TRANSACTION_DT)}`);
  }
  return byDate;
}

/** 20001101 as `2000-11-01`; empty if the calendar has no such day. */
function isoDate(date: number): string {
  if (date < 0) return '';
  const day = date % 100;
  const month = Math.floor(date / 100) % 100;
  const time = new Date(Date.UTC(Math.floor(date / 10_000), month - 1, day));
  return time.getUTCDate() === day ? time.toISOString().slice(0, 10) : '';
}
