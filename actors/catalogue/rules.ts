import { type Refused, refuse } from '../outcomes.ts';
import type { BatchDates, StockCommand } from '../stock/commands.ts';
import type { ItemFacts } from './facts.ts';

const DAY_MS = 86_400_000;

/** A receipt or a pick as the catalogue wants it: with what it can fill in, or refused for what is missing. */
export function fitted(facts: ItemFacts, c: StockCommand): StockCommand | Refused {
  const { serials, lot, dates } = c.more;
  const lacksBatch = facts.batchManaged && c.op === 'receive' && (lot.batch ?? '') === '';
  if (lacksBatch) return refuse('bad_field', 0, -1, `batch: ${c.sku} is kept by batch`);
  const isNamed = serials.length > 0 && (c.qty === 0 || serials.length === c.qty);
  if (facts.serialManaged && !isNamed) {
    return refuse('serial_needed', c.qty, serials.length);
  }
  if (dates === undefined) return c;
  const filled = datesOf(facts, dates);
  return filled === dates ? c : { ...c, more: { ...c.more, dates: filled } };
}

/** The dates of a batch of which only some are printed on it. */
function datesOf({ shelfLifeDays, marginDays }: ItemFacts, said: BatchDates): BatchDates {
  const lifeMs = shelfLifeDays * DAY_MS;
  const isFromStart = lifeMs > 0 && said.startMs > 0 && said.expiresAtMs === 0;
  const isToEnd = lifeMs > 0 && said.startMs === 0 && said.expiresAtMs > lifeMs;
  const expiresAtMs = isFromStart ? said.startMs + lifeMs : said.expiresAtMs;
  const startMs = isToEnd ? said.expiresAtMs - lifeMs : said.startMs;
  // An edge says the expiry where nothing is said of sale.
  const isOpen = said.sellUntilMs === said.expiresAtMs && expiresAtMs > 0;
  const sellUntilMs = isOpen ? Math.max(1, expiresAtMs - marginDays * DAY_MS) : said.sellUntilMs;
  const isNew = isFromStart || isToEnd || sellUntilMs !== said.sellUntilMs;
  return isNew ? { startMs, expiresAtMs, sellUntilMs } : said;
}
