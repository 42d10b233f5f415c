import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../../../engine/clock.ts';
import { sellSubject } from '../../../engine/subjects.ts';
import type { Line } from '../partition/plan.ts';
import type { Wanted } from './plan.ts';

/** What came of an order. */
export interface Sale {
  readonly order: Wanted;
  readonly outcome: 'accepted' | 'refused' | 'failed';
  readonly code: string;
  /** From where; none of one that was refused. */
  readonly lines: readonly Line[];
  /** Of the way that was chosen. */
  readonly parcels: number;
  readonly km: number;
  readonly cost: number;
  readonly tries: number;
  readonly ms: number;
  /** Asked once more, it was told something else. */
  readonly isToldOtherwise: boolean;
}

interface Answer {
  readonly ok: boolean;
  readonly code?: string;
  readonly lines?: readonly Line[];
  readonly route?: {
    readonly why?: {
      readonly parcels: readonly object[];
      readonly tries: number;
      readonly terms: Readonly<Record<'distance' | 'cost', { readonly raw: number }>>;
    };
  };
}

/** Three tries that wait for rights take less. */
const ANSWER_MS = 12_000;
const ASKS = 3;
/** Orders under way at a time. */
const AT_A_TIME = 32;
/** Every so many orders one is asked once more, as if its answer had been lost. */
const REPEATED = 25;
const LACKING = new Set(['insufficient', 'stranded']);

/** Places orders at the hub's selling point, as fast as they are answered. */
export async function placeAll(
  nats: Pick<NatsConnection, 'request'>,
  clock: Clock,
  orders: readonly Wanted[],
  onDone: () => void,
): Promise<Sale[]> {
  const sales: Sale[] = [];
  let next = 0;
  const one = async (): Promise<void> => {
    for (let at = next++; at < orders.length; at = next++) {
      const order = orders[at] as Wanted;
      sales.push(await place(nats, clock, order, at % REPEATED === 0));
      onDone();
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  return sales;
}

async function place(
  nats: Pick<NatsConnection, 'request'>,
  clock: Clock,
  order: Wanted,
  isRepeated: boolean,
): Promise<Sale> {
  const begunMs = clock.monoMs();
  const { ok, code = '', lines = [], route } = await ask(nats, order);
  const ms = clock.monoMs() - begunMs;
  const outcome = ok ? 'accepted' : LACKING.has(code) ? 'refused' : 'failed';
  const sold = ok ? lines.map(({ warehouse, sku, qty }) => ({ warehouse, sku, qty })) : [];
  const again = ok && isRepeated ? ((await ask(nats, order)).lines ?? []) : lines;
  const isToldOtherwise = placesOf(again) !== placesOf(lines);
  const { parcels = [], tries = 0, terms } = route?.why ?? {};
  const figures = { km: terms?.distance.raw ?? 0, cost: terms?.cost.raw ?? 0, tries, ms };
  return {
    order,
    outcome,
    code,
    lines: sold,
    parcels: parcels.length,
    ...figures,
    isToldOtherwise,
  };
}

const placesOf = (lines: readonly Line[]): string =>
  lines
    .map(({ warehouse, sku, qty }) => `${warehouse} ${sku} ${qty}`)
    .sort()
    .join('\n');

/** No answer is not a refusal: its id makes the order safe to ask again. */
async function ask(
  nats: Pick<NatsConnection, 'request'>,
  { id, area, lines }: Wanted,
): Promise<Answer> {
  const body = JSON.stringify({ op: 'sell', order: id, lines, to: { area } });
  for (let asked = 1; ; asked++) {
    try {
      const reply = await nats.request(sellSubject('hub'), body, { timeout: ANSWER_MS });
      const answer = reply.json<Answer>();
      const isOpen = !answer.ok && (answer.code === 'unknown' || answer.code === 'moved');
      if (!isOpen || asked === ASKS) return answer;
    } catch {
      if (asked === ASKS) return { ok: false, code: 'unknown' };
    }
  }
}
