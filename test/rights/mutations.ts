/** One deliberate mistake: texts of the source and what stands there instead. Each text is there once, in the source
 * and as compiled. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** With which it is found soonest of those tried. */
  readonly seed: number;
  /** True where runs need thousands to meet it all the same: for the long run only. */
  readonly isRare: boolean;
}

export interface Edit {
  /** From the root, without the ending. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });
const common = (name: string, seed: number, ...edits: Edit[]): Mutation => ({
  name,
  edits,
  seed,
  isRare: false,
});
const rare = (name: string, seed: number, ...edits: Edit[]): Mutation => ({
  name,
  edits,
  seed,
  isRare: true,
});

const BACKING = 'actors/rights/backing';
const HOME = 'actors/rights/home';
const LIVES = 'actors/rights/lives';
const ARRIVALS = 'actors/rights/arrivals';
const LANE = 'actors/rights/lane';
const POINT = 'actors/rights/point';
const MESSAGES = 'actors/rights/point-messages';
const STEPS = 'test/rights/steps';

const CREDIT_ITSELF = `
  const own = point.lanes.get(sold.lane);
  const sale = point.log.find((e) => e.op === 'sale' && e.order === order && e.sku === sku);
  if (own?.final === undefined && own !== undefined && sale !== undefined) {
    addAll(own.have, sale.taken);
    addAll(own.got, sale.taken);
  }
  return append(point, 'cancel',`;

const RECLAIM = `timeout: (w, c) => {
    const lane = pick([...w.home.lanes.values()], c.i);
    if (lane !== undefined) dropLane(w.home, lane, worlds.stocksOf(w));
  },`;

const SELL_BEFORE_COMMIT = `const sale = [lineOf(zombie.copy, c)];
    note(w, points.lifeOfPoint(zombie.copy), points.sell(zombie.copy, newOrder(w, zombie.name), sale));`;

const ANSWER_UNCOMMITTED = `const sale = [lineOf(zombie.copy, c)];
    for (const m of w.bag.slice(-8)) {
      if (m.to === points.lifeOfPoint(zombie.copy)) worlds.send(w, hear(zombie.copy, m));
    }`;

const VOID_FOR_OTHERS = `return {
      ...message(point, m.lanes.filter((told) => !told.gone).map(voided(point)), []),
      life: m.to,
    }`;

const FORGET_CURSOR = `home.closing.delete(lane.id);
    if (![...home.lanes.values()].some((other) => other.life === lane.life)) home.lives.delete(lane.life);`;

export const MUTATIONS: readonly Mutation[] = [
  common(
    'U counts before its sales have arrived',
    23,
    edit(LANE, 'outOf({ granted, back, arrived }', 'outOf({ granted, back, spent: arrived }'),
  ),
  common(
    'a point that cancels credits itself',
    1,
    edit(POINT, 'import { addTo,', 'import { addAll, addTo,'),
    edit(POINT, "return append(point, 'cancel',", CREDIT_ITSELF),
    edit(MESSAGES, 'told.push(laneUp(lane))', 'told.push(laneUp(lane, { ...lane.got }))'),
    edit(
      ARRIVALS,
      'raise(lane.back, told.back);',
      'raise(lane.back, told.back); raise(lane.granted, told.got ?? {});',
    ),
  ),
  common(
    'a restored point keeps its life',
    11,
    edit(
      POINT,
      'return { ...newPoint(saved.name, life), lineage: saved.lineage, relics };',
      'return { ...saved, epoch: saved.epoch + 1_000 };',
    ),
  ),
  common(
    'a new life answers for the lanes of an old one',
    11,
    edit(MESSAGES, 'return hearForRelic(point, m)', VOID_FOR_OTHERS),
  ),
  common(
    'openings without nonces',
    5,
    edit(
      ARRIVALS,
      'if (told.nonce !== undefined)',
      'if (told.nonce !== undefined && told.final !== undefined)',
    ),
    edit(ARRIVALS, 'told.nonce !== undefined && lane.nonce !== told.nonce', 'false'),
    edit(ARRIVALS, 'm.life, nextNonce(home)', 'm.life, told.nonce ?? nextNonce(home)'),
  ),
  common('no cursor', 1, edit(ARRIVALS, ' || entry.n !== life.cursor + 1', '')),
  common(
    'a closed lane is dropped before its log has arrived',
    14,
    edit(ARRIVALS, 'lane.life !== id || cursor <', 'lane.life !== id || Infinity <'),
  ),
  common(
    'a timeout is taken for proof',
    7,
    edit(STEPS, 'timeout: () => undefined,', RECLAIM),
    edit(
      STEPS,
      'import { free, grant, openLaneOf }',
      'import { dropLane, free, grant, openLaneOf }',
    ),
  ),
  common(
    'a sale is answered before its commit',
    10,
    edit(STEPS, 'const sale = [lineOf(zombie.copy, c)];', SELL_BEFORE_COMMIT),
  ),
  common(
    'stock and pre-sale are not nested',
    4,
    edit(BACKING, 'Math.min(f.qualified - f.safety - a, both)', 'f.qualified - f.safety - a'),
    edit(BACKING, 'Math.min(f.inTransit - p, both)', 'f.inTransit - p'),
  ),
  common(
    'a restored home waits for nobody',
    6,
    edit(LIVES, 'new Set(home.points)', 'new Set()'),
    edit(LIVES, 'home.waiting.add(id)', 'void id'),
  ),
  common(
    'an order sold at two points is held twice',
    15,
    edit(ARRIVALS, 'if (held !== undefined)', 'if (false)'),
  ),
  common(
    'a cursor dies with its lanes',
    25,
    edit(HOME, 'home.closing.delete(lane.id);', FORGET_CURSOR),
  ),
  common(
    'a fence without the life',
    15,
    edit(
      POINT,
      'point.life === fence.life && point.epoch === fence.epoch',
      'point.epoch === fence.epoch',
    ),
  ),
  rare(
    'a restored home speaks before it has listened',
    2,
    edit(ARRIVALS, 'isAwaited(home, id) || !home.lives.has(id)', '!home.lives.has(id)'),
  ),
  rare(
    'a life that was lost before it attached is not waited for',
    1,
    edit(ARRIVALS, 'home.waiting.add(before);', 'continue;'),
  ),
  common(
    'a point forgets what home has only just applied',
    5,
    edit(MESSAGES, 'forget(point, m.settled)', 'forget(point, m.applied)'),
  ),
  common(
    'cells are merged by adding',
    19,
    edit(
      'actors/rights/pools',
      'cells[pool] = unitsIn(heard, pool);',
      'addTo(cells, pool, unitsIn(heard, pool));',
    ),
  ),
  common(
    'an ended life is forgotten',
    25,
    edit(LIVES, "lifeOf(home, id).state = 'ended';", 'home.lives.delete(id);'),
  ),
  common(
    'a replaced process answers home',
    2,
    edit(STEPS, 'const sale = [lineOf(zombie.copy, c)];', ANSWER_UNCOMMITTED),
    edit(STEPS, 'import { relicUp, up }', 'import { hear, relicUp, up }'),
  ),
];
