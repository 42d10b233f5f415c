import { type Mutant, one } from '../mutations.ts';

/** Mistakes in how rights are wired into shards, journals, snapshots and desks. */
export const REGION_MUTANTS: readonly Mutant[] = [
  one(
    'reply before commit',
    'engine/turn.js',
    'if (ask.decided)\n            ask.answer(answer, false);',
    'ask.answer(answer, true);',
  ),
  {
    name: 'home grants more than is free',
    edits: [
      {
        file: 'actors/rights/home-acts.js',
        find: 'const some = Math.min(qty, has);',
        replace: 'const some = qty;',
      },
      { file: 'actors/rights/home.js', find: 'if (qty > has)', replace: 'if (false)' },
      {
        file: 'actors/stock/granted.js',
        find: 'const waiting = c.qty - Math.min(ofStock, can);',
        replace: 'const waiting = 0;',
      },
      {
        file: 'actors/stock/granted.js',
        find: 'if (ofStock > can && !isOut)',
        replace: 'if (false)',
      },
    ],
  },
  {
    name: 'a predecessor’s message of the same number confirms',
    edits: [
      {
        file: 'engine/rights/unsaid.js',
        find: 'if (!ack.startsWith(this.#run))',
        replace: 'if (false)',
      },
      {
        file: 'engine/rights/unsaid.js',
        find: 'ack.slice(this.#run.length)',
        replace: "ack.slice(ack.lastIndexOf(':') + 1)",
      },
    ],
  },
  one(
    'two points that sent an order on ask each other',
    'engine/rights/seller.js',
    'if (to !== undefined && !mayGoOn)',
    'if (false)',
  ),
  one(
    'a point forgets in a snapshot what it has',
    'engine/snapshots/rights-line.js',
    'putLane(point, one,',
    'putLane(point, { ...one, have: {} },',
  ),
  one(
    'a point sells in a snapshot what it set aside',
    'engine/snapshots/rights-line.js',
    'setAside(point, lane, order, taken, expiresAtMs)',
    'void lane',
  ),
  one(
    'rights set aside are not on the clock after a takeover',
    'engine/state.js',
    'this.expiry.add({ atMs, key: NO_ACTOR, hold, batch: parseActorKey(sku).owner });',
    '',
  ),
  one(
    'orders that came home left out of snapshots',
    'engine/snapshots/rights-line.js',
    'orders: [...orders.all()]',
    'orders: []',
  ),
  one(
    'orders that were sent on left out of snapshots',
    'engine/snapshots/rights-line.js',
    "if (rights.seqOf('orders') > 0)",
    'if (false)',
  ),
  one(
    'a sale of an order that is held counts again when it is replayed',
    'actors/rights/home-acts.js',
    'new Set(doubled)',
    'new Set()',
  ),
  one(
    'home counts what points say they spent, not what has arrived',
    'actors/rights/lane.js',
    'outOf({ granted, back, arrived }) {',
    'outOf({ granted, back, spent: arrived }) {',
  ),
  one(
    'the cursor of a log is the lane’s, and gone with it',
    'actors/rights/home.js',
    'home.lanes.delete(lane.id);',
    'home.lanes.delete(lane.id);\n        lifeOf(home, lane.life).cursor = 0;',
  ),
  one(
    'log entries that came before count again',
    'actors/rights/arrivals.js',
    'entry.n !== life.cursor + 1)',
    'entry.n > life.cursor + 1)',
  ),
  one(
    'logs are settled before the centre has them',
    'engine/rights/settling.js',
    'if (read < number) {',
    'if (false) {',
  ),
  one(
    'a home that lost its end waits for nobody',
    'actors/rights/rights.js',
    'return this.home.waiting.size > 0;',
    'this.home.waiting.clear(); return false;',
  ),
  one(
    'a point that lost its end goes on in the same life',
    'actors/rights/rights.js',
    'this.points.set(home, restorePoint(point, lineage));',
    'home;',
  ),
  one(
    'a restored home asks nobody',
    'engine/rights/home-voice.js',
    'const waits = isWaitingFor(point);',
    'const waits = false;',
  ),
  one(
    'what a lost life had sold is not delivered',
    'actors/rights/point-acts.js',
    'act.after), ...relics]',
    'act.after)]',
  ),
  one(
    'a grant that comes twice is had twice',
    'actors/rights/point-messages.js',
    'const more = unitsIn(granted, pool) - unitsIn(lane.got, pool);',
    'const more = unitsIn(granted, pool);',
  ),
  one(
    'cells are merged by adding',
    'actors/rights/pools.js',
    'cells[pool] = unitsIn(heard, pool);',
    'addTo(cells, pool, unitsIn(heard, pool));',
  ),
  one(
    'a lane is dropped before its last sale has come home',
    'actors/rights/arrivals.js',
    'lane.life !== id || cursor < lane.final)',
    'lane.life !== id)',
  ),
  one(
    'a buried life’s rights stay granted',
    'actors/rights/lives.js',
    'moving(home, lane, stocks, () => {\n        lane.isWrittenOff = true;\n    });',
    'lane.isWrittenOff = true;',
  ),
  one(
    'any message confirms whatever is said of a lane',
    'engine/rights/unsaid.js',
    '(this.#lanes.get(lane) ?? Number.POSITIVE_INFINITY) <= seq',
    'true',
  ),
  one(
    'what is lost on its way is not said again',
    'engine/rights/log-sent.js',
    'else if (nowMs - this.#movedMs >= RIGHTS_LIMITS.againMs)',
    'else if (false)',
  ),
  one(
    'pools are left out of snapshots',
    'engine/snapshots/rights-line.js',
    'pools: [...home.pools]',
    'pools: []',
  ),
  one(
    'home grants beyond a pool’s part',
    'actors/rights/home-pools.js',
    'level === undefined ? 0 : level.units - level.out',
    'levels.reduce((sum, { units, out }) => sum + units - out, 0)',
  ),
  one(
    'a window forgets what was sold in it',
    'actors/rights/home-pools.js',
    'sold[label] = unitsIn(sold, label) - unitsIn(since, label)',
    'sold[label] = 0',
  ),
  one(
    'what lanes sold from a pool goes with them',
    'actors/rights/home.js',
    'home.sold.set(lane.sku, sold);',
    '',
  ),
  one(
    'a window begins anew with every plan',
    'actors/rights/home-pools.js',
    'if (isSameOf(kind, was?.plan ?? PLAIN_PLAN, plan))',
    'if (false)',
  ),
  {
    name: 'pools are cut in the wrong order',
    edits: [
      {
        file: 'actors/rights/plan.js',
        find: 'return parts.map(([pool, quota]) => {',
        replace: 'return [...parts].reverse().map(([pool, quota]) => {',
      },
      {
        file: 'actors/rights/plan.js',
        find: 'return [pool, some];\n    });',
        replace: 'return [pool, some];\n    }).reverse();',
      },
    ],
  },
  one(
    'more is promised of goods in transit than the plan lets',
    'actors/rights/home-pools.js',
    'Math.min(all.presale, most)',
    'all.presale',
  ),
  {
    name: 'goods in transit are promised twice',
    edits: [
      {
        file: 'actors/rights/backing.js',
        find: 'Math.min(f.inTransit - p, both)',
        replace: 'f.inTransit',
      },
      { file: 'actors/stock/granted.js', find: 'b[TRANSIT] - presale', replace: 'b[TRANSIT]' },
    ],
  },
  one(
    'more is oversold than the rules say',
    'actors/rights/backing.js',
    'f.oversellCap - o)',
    'f.oversellCap + 2 - o)',
  ),
  one(
    'stock that came for rights is another’s too',
    'actors/rights/home-stock.js',
    'ahead === undefined ? 0 : backed(ahead)',
    '0',
  ),
];
