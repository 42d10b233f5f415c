import type { ActorKey, HoldId } from '../ids.ts';
import {
  addLane,
  dropLane,
  type Home,
  isAwaited,
  isBuried,
  type Life,
  lifeOf,
  livesBefore,
  movedBy,
  moving,
  type Stocks,
  settle,
} from './home.ts';
import type { Down, Entry, HomeLane, LaneDown, LaneId, LaneUp, LifeId, Up } from './lane.ts';
import { endLife, lanesOfLife } from './lives.ts';
import { addAll, byKind, type Cells, KINDS, none, raise, total } from './pools.ts';

/** An order that two points sold: held once, as first heard. For a person to look at. */
export interface Doubled {
  readonly order: HoldId;
  readonly sku: ActorKey;
  readonly qty: number;
  /** Where the hold came from, and the sale that got none. */
  readonly held: string;
  readonly other: string;
}

/** What came of a message at home. */
export interface Heard {
  reply: Down | undefined;
  readonly doubled: Doubled[];
  /** Units of holds that a buried life had sold: a shortage, unless something is free. */
  late: number;
  /** A restored home lacks entries that the point has forgotten: its life has to be buried by a person. */
  gap: boolean;
  /** The last life that a restored home waited for was heard: every SKU has to be settled now. */
  resumed: boolean;
}

/**
 * Home hears a point. Whatever comes twice, late or out of order leaves the same state; the
 * answer leaves after a record that this home committed since.
 */
export function receive(home: Home, m: Up, stocks: Stocks): Heard {
  const heard: Heard = { reply: undefined, doubled: [], late: 0, gap: false, resumed: false };
  if (!home.points.has(m.point) && !home.lives.has(m.life)) return heard;
  if (home.lives.get(m.life)?.state === 'ended') {
    heard.reply = down(home, m.life, []);
  } else if (isAwaited(home, m.life)) {
    attach(home, m, stocks, heard);
  } else if (m.lineage < home.lineage && m.lanes.length > 0) {
    heard.reply = ask(home, m.life);
  } else {
    const lanes = m.lanes.map((told) => merge(home, m, told, stocks));
    applyLog(home, m, stocks, heard);
    heard.reply = down(
      home,
      m.life,
      lanes.map((lane) => laneDown(home, lane)),
    );
  }
  return heard;
}

/** What home has to tell a life by itself, of these lanes or of all it has: nothing while it waits for it. */
export function tell(
  home: Home,
  id: LifeId,
  lanes: Iterable<HomeLane> = lanesOfLife(home, id),
  keep?: ReadonlyMap<LaneId, Cells>,
): Down | undefined {
  if (isAwaited(home, id) || !home.lives.has(id)) return undefined;
  return down(
    home,
    id,
    Array.from(lanes, (lane) => laneDown(home, lane, keep?.get(lane.id))),
  );
}

function down(home: Home, to: LifeId, lanes: readonly LaneDown[], isAsk = false): Down {
  const life = home.lives.get(to);
  const over = life !== undefined && life.state !== 'open';
  const [applied, settled] = life === undefined ? [0, 0] : [life.cursor, life.settled];
  const part = home.heard.get(to)?.parts ?? 0;
  return { to, lineage: home.lineage, lanes, ask: isAsk, part, applied, settled, over };
}

const ask = (home: Home, to: LifeId): Down => down(home, to, [], true);

/** Which opening a message was about. */
interface Opening {
  readonly id: LaneId;
  readonly sku: ActorKey;
  readonly nonce: string;
}

function laneDown(home: Home, { id, sku, nonce }: Opening, keep?: Cells): LaneDown {
  const lane = home.lanes.get(id);
  if (lane?.nonce !== nonce) return { id, sku, nonce, granted: {}, gone: true, keep: undefined };
  return { id, sku, nonce, granted: { ...lane.granted }, gone: false, keep };
}

/** Opens a lane for a wish, and merges what the point wrote into the lane it was about. */
function merge(home: Home, m: Up, told: LaneUp, stocks: Stocks): Opening {
  const { id, sku } = told;
  let lane = home.lanes.get(id);
  if (lane === undefined) {
    if (told.nonce !== undefined) return { id, sku, nonce: told.nonce };
    lane = openLane(home, told, m.life, nextNonce(home));
  } else if (told.nonce !== undefined && lane.nonce !== told.nonce) {
    return { id, sku, nonce: told.nonce };
  }
  raiseLane(home, lane, told, stocks);
  return lane;
}

const nextNonce = (home: Home): string => `${home.lineage}.${++home.opened}`;

function openLane(home: Home, { id, sku }: LaneUp, life: LifeId, nonce: string): HomeLane {
  lifeOf(home, life);
  const lane: HomeLane = {
    ...{ id, life, sku, nonce },
    ...{ granted: {}, back: {}, spent: {}, arrived: {}, final: undefined },
    isWrittenOff: isBuried(home, life),
  };
  addLane(home, lane);
  return lane;
}

function raiseLane(home: Home, lane: HomeLane, told: LaneUp, stocks: Stocks): void {
  moving(home, lane, stocks, () => {
    raise(lane.granted, told.got ?? {});
    raise(lane.back, told.back);
    raise(lane.spent, told.spent);
  });
  if (told.final === undefined) return;
  lane.final = told.final;
  home.closing.add(lane.id);
}

/** Applies what follows the cursor, in order, once; then drops the lanes whose last sale that was. */
function applyLog(home: Home, m: Up, stocks: Stocks, heard: Heard): void {
  const life = m.log.length > 0 || m.ended !== undefined ? lifeOf(home, m.life) : undefined;
  const touched = new Set<ActorKey>();
  for (const { sku } of m.lanes) touched.add(sku);
  for (const entry of m.log) {
    if (life === undefined || entry.n !== life.cursor + 1) continue;
    life.cursor = entry.n;
    touched.add(entry.sku);
    if (entry.op === 'sale') takeSale(home, m.life, life, entry, stocks, heard);
    else if (stocks(entry.sku).sourceOf(entry.order) !== undefined) {
      stocks(entry.sku).cancel(entry.order);
    }
  }
  dropClosed(home, m.life, stocks, touched);
  if (life !== undefined && m.ended !== undefined && life.cursor >= m.ended) {
    for (const { sku } of lanesOfLife(home, m.life)) touched.add(sku);
    endLife(home, m.life, stocks);
  }
  for (const sku of touched) settle(home, sku, stocks(sku));
}

function takeSale(
  home: Home,
  id: LifeId,
  life: Life,
  entry: Entry,
  stocks: Stocks,
  heard: Heard,
): void {
  const stock = stocks(entry.sku);
  const source = `${id}:${entry.n}`;
  const held = stock.sourceOf(entry.order);
  const qty = total(entry.taken);
  const lane = home.lanes.get(entry.lane);
  const arrive = (): void => addAll((lane as HomeLane).arrived, entry.taken);
  if (held !== undefined) {
    heard.doubled.push({ order: entry.order, sku: entry.sku, qty, held, other: source });
    if (lane !== undefined) moving(home, lane, stocks, arrive);
    return;
  }
  const out = lane === undefined ? none() : movedBy(home, lane, arrive);
  for (const kind of KINDS) out[kind] = 0 - out[kind];
  stock.hold(entry.order, source, byKind(entry.taken), out);
  if (life.state === 'buried' && lane?.isWrittenOff !== false) {
    life.late += qty;
    heard.late += qty;
  }
}

function dropClosed(home: Home, id: LifeId, stocks: Stocks, touched: Set<ActorKey>): void {
  const cursor = home.lives.get(id)?.cursor ?? 0;
  for (const laneId of [...home.closing]) {
    const lane = home.lanes.get(laneId) as HomeLane;
    if (lane.life !== id || cursor < (lane.final as number)) continue;
    touched.add(lane.sku);
    dropLane(home, lane, stocks);
  }
}

/**
 * The answer to a restored home, part by part: every lane that the life has, then all of its log that home lacks. What it
 * does not list is settled: nothing of it is left there. A wish is not answered yet. Then earlier lives of that point have
 * to be accounted for too, since home may have granted to them after the state it was restored to.
 */
function attach(home: Home, m: Up, stocks: Stocks, heard: Heard): void {
  const isNow = m.lineage === home.lineage;
  if (isNow && m.attach === undefined) attachLanes(home, m, stocks);
  const before = home.heard.get(m.life) ?? { parts: 0, lanes: [] };
  if (!isNow || m.attach === undefined || m.attach.part > before.parts) {
    heard.reply = ask(home, m.life);
    return;
  }
  const { part, of, end } = m.attach;
  const listed = part < before.parts ? before.lanes : [...before.lanes, ...listedIn(m)];
  const parts = Math.max(before.parts, Math.min(part + 1, of));
  if (parts >= of && lacks(home, m)) {
    heard.gap = true;
    return;
  }
  lifeOf(home, m.life);
  home.heard.set(m.life, { parts, lanes: listed });
  if (part >= before.parts) attachLanes(home, m, stocks);
  if (parts >= of) applyLog(home, m, stocks, heard);
  const isAll = parts >= of && lifeOf(home, m.life).cursor >= end;
  if (!isAll) {
    heard.reply = ask(home, m.life);
    return;
  }
  attached(home, m, new Set(listed), stocks);
  heard.resumed = home.waiting.size === 0;
  heard.reply = tell(home, m.life);
}

/** Lanes that a part of an answer to a restored home says there are. */
export const listedIn = ({ lanes }: Up): LaneId[] =>
  lanes.filter(({ nonce }) => nonce !== undefined).map(({ id }) => id);

/** Whether the point has forgotten entries that home does not have. */
function lacks(home: Home, { life, log, attach }: Up): boolean {
  const cursor = home.lives.get(life)?.cursor ?? 0;
  const first = log[0]?.n ?? Number.POSITIVE_INFINITY;
  return (attach?.end ?? 0) > cursor && first > cursor + 1;
}

/** The life is accounted for; lives of that point before it may not be. */
function attached(home: Home, m: Up, listed: ReadonlySet<LaneId>, stocks: Stocks): void {
  for (const lane of lanesOfLife(home, m.life)) {
    if (!listed.has(lane.id)) dropLane(home, lane, stocks);
  }
  home.heard.delete(m.life);
  home.waiting.delete(m.life);
  if (m.ended !== undefined) return;
  home.waiting.delete(m.point);
  for (const before of livesBefore(m.life)) {
    if ((home.lives.get(before)?.state ?? 'open') === 'open') home.waiting.add(before);
  }
}

/** Lanes of which the point says all. They may also come before their part, where its record would be too large. */
function attachLanes(home: Home, { life, lanes }: Up, stocks: Stocks): void {
  for (const told of lanes) {
    const { id, nonce, got } = told;
    if (nonce === undefined || got === undefined) continue;
    const known = home.lanes.get(id);
    const isIts = known?.nonce === nonce;
    if (known !== undefined && !isIts) dropLane(home, known, stocks);
    const lane = isIts ? known : openLane(home, told, life, nonce);
    raiseLane(home, lane, told, stocks);
  }
}
