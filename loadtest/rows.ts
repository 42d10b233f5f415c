import { LINE_STEPS, LINES } from './actors/lines.ts';
import type { ActorRow } from './actors/worker.ts';
import type { CentreRates } from './centre/centre.ts';
import { type Latencies, together } from './latencies.ts';
import type { LatencyName, RateName, Results } from './results.ts';
import { median, ratiosOf, type Spread, spreadOf } from './stats.ts';

export type Source = ActorRow | LatencyName | RateName | 'recovery' | 'centre';

export interface Row {
  readonly name: string;
  readonly unit: '/s' | 'µs' | 's' | 'bytes' | '×';
  /** What is compared, for a person. */
  readonly what: string;
  readonly needs: readonly Source[];
  /** Undefined or not a number where it could not be measured. */
  readonly figure: (results: Results) => number | undefined;
}

const actor = (name: string, unit: Row['unit'], row: ActorRow, at: number, what: string): Row => ({
  name,
  unit,
  what,
  needs: [row],
  figure: ({ actors }) => actors[row]?.[at],
});

const STEP_SAID: Readonly<Record<(typeof LINE_STEPS)[number], string>> = {
  reserve: 'a reservation',
  pick: 'a pick of what expires first',
  pick_at: 'a pick from a place that it names',
};

/** One SKU with 100,000 open holds: what a step costs, and how that grows with the lines under the SKU. */
const lineRows = LINE_STEPS.flatMap((step, i): Row[] =>
  LINES.map((lines, j) => {
    const at = i * LINES.length + j;
    const [name, said] = [`actor.lines.${step}`, STEP_SAID[step]];
    return lines === 1
      ? actor(`${name}.us`, 'µs', 'lines', at, `${said}: processor time, one line, 100,000 holds`)
      : actor(
          `${name}.x${lines}`,
          '×',
          'lines',
          at,
          `${lines.toLocaleString('en-GB')} lines ÷ one`,
        );
  }),
);

/** A sale from rights that a selling point has, and a reservation of goods on hand. */
const saleRows = (['', '.committed'] as const).flatMap((suffix, i): Row[] => {
  const said = suffix === '' ? 'decided and applied' : 'the same with its part of a record';
  const ratio = ({ actors }: Results): number | undefined => {
    const [sale, reserve] = [actors.selling?.[2 * i], actors.selling?.[2 * i + 1]];
    return sale === undefined || reserve === undefined ? undefined : sale / reserve;
  };
  const [name, needs] = [`rights.sale${suffix}`, ['selling'] as const];
  return [
    actor(`${name}.us`, 'µs', 'selling', 2 * i, `a sale from local rights: ${said}`),
    { name: `${name}.ratio`, unit: '×', what: 'of a plain reservation', needs, figure: ratio },
  ];
});

const rounds = (r: Results, name: LatencyName): readonly Latencies[] => r.latencies[name] ?? [];
const p50s = (r: Results, name: LatencyName): number[] => rounds(r, name).map((l) => l.us(50));

/** p50: the middle of the rounds' own. p99: over all that was measured. */
const latency = (name: string, of: LatencyName, what: string, suffix = ''): Row[] => [
  {
    name: `${name}.p50_us${suffix}`,
    unit: 'µs',
    what,
    needs: [of],
    figure: (r) => (rounds(r, of).length === 0 ? undefined : median(p50s(r, of))),
  },
  {
    name: `${name}.p99_us${suffix}`,
    unit: 'µs',
    what: 'the same, p99',
    needs: [of],
    figure: (r) => (rounds(r, of).length === 0 ? undefined : together(rounds(r, of)).us(99)),
  },
];

function ratioSpread(r: Results, synced: boolean): Spread | undefined {
  const echo = p50s(r, 'echo');
  const puback = p50s(r, synced ? 'puback.synced' : 'puback');
  const committed = p50s(r, synced ? 'committed.synced' : 'committed');
  const trips = committed.flatMap((c, i) => {
    const [e, p] = [echo[i], puback[i]];
    return e === undefined || p === undefined ? [] : [{ committed: c, echo: e, puback: p }];
  });
  return trips.length === 0 ? undefined : spreadOf(ratiosOf(trips));
}

/** Of the same round each, so that a busy machine is busy for both sides. */
function ratio(synced: boolean): Row[] {
  const suffix = synced ? '.synced' : '';
  const needs: Source[] = synced
    ? ['echo', 'puback.synced', 'committed.synced']
    : ['echo', 'puback', 'committed'];
  const one = (name: string, what: string, of: keyof Spread): Row => {
    const figure = (r: Results): number | undefined => ratioSpread(r, synced)?.[of];
    return { name: `ws.committed.${name}${suffix}`, unit: '×', what, needs, figure };
  };
  return [
    one('ratio', 'committed ÷ (echo + PubAck), middle round', 'middle'),
    one('ratio_low', 'best round', 'low'),
    one('ratio_high', 'worst round', 'high'),
  ];
}

const rate = (name: string, of: RateName, what: string): Row => ({
  name,
  unit: '/s',
  what,
  needs: [of],
  figure: ({ rates }) => middle(rates[of]?.map((r) => r.perSecond)),
});

const rateP99 = (name: string, of: RateName, what: string): Row => ({
  name,
  unit: 'µs',
  what,
  needs: [of],
  figure: ({ rates }) => middle(rates[of]?.map((r) => r.p99Us)),
});

const middle = (values: readonly number[] | undefined): number | undefined =>
  values === undefined || values.length === 0 ? undefined : median(values);

const centreRate = (name: string, of: keyof CentreRates, what: string): Row => ({
  name,
  unit: '/s',
  what,
  needs: ['centre'],
  figure: ({ centre }) => centre?.[of],
});

/** Every row of the bench, in the order in which it is told. */
export const ROWS: readonly Row[] = [
  actor('actor.hot.per_s', '/s', 'hot', 0, 'decisions on one actor, one core'),
  actor('actor.thousand.per_s', '/s', 'thousand', 0, 'decisions over 1,000 actors, random order'),
  actor(
    'actor.million.per_s',
    '/s',
    'million',
    0,
    'reservations over 1,000,000 actors, random order',
  ),
  actor('actor.million.p99_us', 'µs', 'million', 1, 'one of those, p99'),
  actor('actor.idle.bytes', 'bytes', 'idle', 0, 'one idle actor, key and map entry included'),
  ...lineRows,
  ...saleRows,
  actor('routing.p50.us', 'µs', 'routing', 0, 'where an order of 10 lines goes, of 50 warehouses'),
  actor('routing.p99.us', 'µs', 'routing', 1, 'the same, p99'),
  actor('routing.exact', '×', 'routing', 2, 'decisions whose search came to its end ÷ all'),
  ...latency('echo', 'echo', 'bare WebSocket echo'),
  ...latency('echo.paced', 'echo.paced', 'the same, 1 ms apart'),
  ...latency('puback', 'puback', 'bare JetStream PubAck, synced to disk every 2 minutes'),
  ...latency('ws.committed', 'committed', 'a reservation over WebSocket, committed, same sync'),
  ...ratio(false),
  ...latency('puback', 'puback.synced', 'bare JetStream PubAck, synced to disk first', '.synced'),
  ...latency('ws.committed', 'committed.synced', 'a reservation committed and synced', '.synced'),
  ...ratio(true),
  rate('batch.per_s', 'batch', 'reservations, 16 connections × frames of 128, synced'),
  rateP99('batch.p99_us', 'batch', 'one such frame, p99'),
  rate('batch.per_s.unsynced', 'batch.unsynced', 'the same, synced to disk every 2 minutes'),
  rate('redis.per_s', 'redis', 'the same in Redis: a Lua script, no persistence'),
  rate('postgres.hot.per_s', 'postgres', 'the same on one row of PostgreSQL, 16 connections'),
  {
    name: 'recovery.million.s',
    unit: 's',
    what: 'a shard of 1,000,000 actors taken over after SIGKILL, snapshot and tail',
    needs: ['recovery'],
    figure: ({ recovery }) => recovery?.takeoverSeconds,
  },
  centreRate(
    'centre.merge_per_s',
    'merge',
    'changes from journal records to availability in memory',
  ),
  centreRate(
    'centre.lines_per_s',
    'lines',
    'ledger lines from journal records to the embedded store',
  ),
  centreRate('centre.lines_per_s.postgres', 'linesPostgres', 'the same to PostgreSQL'),
  centreRate(
    'centre.catch_up_per_s',
    'catchUp',
    'ledger lines of a centre that starts behind a journal',
  ),
];

/** The rows that these names mean: a row's own, or the beginning of several up to a dot. */
export function rowsNamed(names: readonly string[]): readonly Row[] {
  const isMeant = (row: Row): boolean =>
    names.some((name) => row.name === name || row.name.startsWith(`${name}.`));
  return names.length === 0 ? ROWS : ROWS.filter(isMeant);
}

/** The first of these names that no row has. */
export const unknownName = (names: readonly string[]): string | undefined =>
  names.find((name) => rowsNamed([name]).length === 0);
