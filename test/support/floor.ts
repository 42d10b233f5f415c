import { expect } from 'vitest';
import {
  type ActorKey,
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import type { Refused } from '../../actors/outcomes.ts';
import {
  type Balances,
  GRANTED,
  get,
  noBalances,
  qualityView,
  SAFETY,
} from '../../actors/stock/balances.ts';
import {
  type BatchDates,
  BLOCK_REASONS,
  type BlockReason,
  type More,
  NO_MORE,
  PICK_POLICIES,
  type PickPolicy,
  QUALITIES,
  type Quality,
  type StockCommand,
  type StockOp,
} from '../../actors/stock/commands.ts';
import { faults } from '../../actors/stock/conserved.ts';
import { CLOCK_AHEAD_MS } from '../../actors/stock/decide.ts';
import type { Line } from '../../actors/stock/line.ts';
import type { LotFilter } from '../../actors/stock/lot.ts';
import { type Postings, postings } from '../../actors/stock/postings.ts';
import { openHold } from '../../actors/stock/state.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';

/*
 * One stock actor told in words, steps divided by `·`:
 *
 *   receive 10 · reserve A 4 soft 15min · tick 15min · changes available +4, allocated -4
 *
 * `tick` lets time pass and ends the soft parts that are due. `changes` tells all that
 * the step before it changed: what it does not name must have stayed. `refused` names the
 * code of the step before it, which then changed nothing. `expect` tells absolute figures.
 * `lines` tells all lines there are, in the order of their text (see {@link lineText}).
 * A figure is of qualified goods unless a quality is set before it: `defective.onHand 4`;
 * `A.waiting 3` is of the hold A.
 */

const UNIT_MS = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const START_MS = 1_700_000_000_000;
const OWNER = 'demo' as OwnerId;
const SKU = 'MUG' as SkuId;
const WAREHOUSE = 'W1' as WarehouseId;
const KEY: ActorKey = actorKey(OWNER, SKU, WAREHOUSE);

type Figures = Record<string, number>;

/** Every figure of every quality, `onHand` for qualified and `defective.onHand` for others. */
function figures(room: Stockroom): Figures {
  const all: Figures = {};
  for (const quality of [0, 1, 2, 3] as const) {
    const view = qualityView(room.get(KEY)?.b ?? noBalances(), quality);
    for (const [name, value] of Object.entries(view)) all[nameOf(quality, name)] = value;
  }
  all.granted = get(room.get(KEY)?.b ?? noBalances(), 0, GRANTED);
  return all;
}

const nameOf = (quality: Quality, figure: string): string =>
  quality === 0 ? figure : `${QUALITIES[quality]}.${figure}`;

/** S4: carries out postings on the figures. Shelf and receiving are figures only within on hand. */
function post(on: Figures, { physical, commitment, waiting, waitingOf }: Postings): void {
  const add = (quality: Quality, name: string, qty: number): void => {
    const full = nameOf(quality, name);
    if (full in on) on[full] = figure(on, full) + qty;
  };
  for (const { from, to, quality, toQuality, qty } of [...physical, ...commitment]) {
    add(quality, from, -qty);
    add(toQuality, to, qty);
  }
  for (const { from, to, quality, toQuality, qty } of physical) {
    if (isHere(from)) add(quality, 'onHand', -qty);
    if (isHere(to)) add(toQuality, 'onHand', qty);
  }
  add(waitingOf, 'waiting', waiting);
}

const isHere = (account: string): boolean => account !== 'outside' && account !== 'inTransit';

/** Postings tell what is free; safety stock keeps its part of that back. */
function keepSafety(on: Figures, b: Balances): void {
  for (const quality of [0, 1, 2, 3] as const) {
    const [available, held] = [nameOf(quality, 'available'), nameOf(quality, 'safetyHeld')];
    const free = figure(on, available) + figure(on, held);
    on[held] = Math.min(free, get(b, quality, SAFETY));
    on[available] = free - figure(on, held);
  }
}

export class Floor {
  readonly #room = new Stockroom();
  #nowMs = START_MS;
  #was = figures(this.#room);
  /** What the postings of the last step make of `#was`. */
  #posted = this.#was;
  #refused: Refused | undefined;

  walk(steps: string): void {
    for (const step of steps.split('·')) this.#step(step.trim());
    this.#noRefusalLeft('the end');
  }

  #step(step: string): void {
    const [verb, rest] = [step.split(' ')[0] as string, step.slice(step.indexOf(' ') + 1)];
    if (verb !== 'refused') this.#noRefusalLeft(step);
    if (verb === 'refused') this.#expectRefused(rest);
    else if (verb === 'expect') this.#expect(rest);
    else if (verb === 'changes') this.#expectChanges(rest);
    else if (verb === 'lines') this.#expectLines(rest);
    else this.#do(verb, rest);
  }

  #do(verb: string, rest: string): void {
    this.#was = figures(this.#room);
    this.#posted = { ...this.#was };
    if (verb === 'tick') this.#tick(parse('expire', rest).ttlMs);
    else if (verb === 'late') this.#run(lateBy(parse(...late(rest)), this.#nowMs));
    else this.#run(parse(verb, rest));
    expect(faults(this.#room.get(KEY) ?? expect.fail('no actor'))).toEqual([]);
    keepSafety(this.#posted, this.#room.get(KEY)?.b ?? noBalances());
    expect(figures(this.#room), 'S4 the postings').toEqual(this.#posted);
  }

  #run(command: StockCommand): void {
    const outcome = this.#room.run(command, this.#nowMs);
    if (!outcome.ok) this.#refused = outcome;
    else for (const { event } of outcome.changes) post(this.#posted, postings(event));
  }

  #tick(ms: number): void {
    this.#nowMs += ms;
    for (const [id, hold] of this.#room.get(KEY)?.holds ?? []) {
      const isDue = !('ended' in hold) && hold.soft.some((p) => p.expiresAtMs <= this.#nowMs);
      if (isDue) this.#run({ ...parse('expire', ''), hold: id });
    }
    for (const [name, batch] of this.#room.get(KEY)?.detail?.batches ?? []) {
      const isDue = batch.sellUntilMs > 0 && batch.sellUntilMs <= this.#nowMs && batch.kept === '';
      if (isDue) this.#run(parse('outdate', `#${name}`));
    }
  }

  #expectLines(text: string): void {
    const lines = [...(this.#room.get(KEY)?.detail?.lines.values() ?? [])];
    expect(lines.map(lineText).sort().join(', ')).toBe(text === 'none' ? '' : text);
  }

  #expectRefused(text: string): void {
    const [code, ...units] = text.split(' ');
    expect(this.#refused?.code, 'code').toBe(code);
    if (units.length > 0) {
      expect(`${this.#refused?.available} of ${this.#refused?.asked}`).toBe(units.join(' '));
    }
    this.#refused = undefined;
    this.#expectChanges('nothing');
  }

  #noRefusalLeft(where: string): void {
    expect(this.#refused, `refused before: ${where}`).toBeUndefined();
  }

  #expectChanges(text: string): void {
    const want: Figures = { ...this.#was };
    for (const [name, by] of pairs(text)) want[name] = figure(want, name) + by;
    expect(figures(this.#room)).toEqual(want);
  }

  #expect(text: string): void {
    const now = figures(this.#room);
    for (const [name, value] of pairs(text)) {
      const [hold, field] = name.split('.') as [
        HoldId,
        'waiting' | 'presale' | 'oversell' | 'hard' | 'picked' | 'packed',
      ];
      const state = this.#room.get(KEY) ?? expect.fail('no actor');
      const open = openHold(state, hold);
      expect(open === undefined ? figure(now, name) : open[field], name).toBe(value);
    }
  }
}

/** `A1 #L1 3`: place, container, batch, box, label, units; before them what is special: stage, quality, why. */
function lineText(line: Line): string {
  const { stage, quality, why, hold, location, container, batch, box, fnsku, qty, pinned } = line;
  const words = [
    stage === 0 ? '' : (['', 'waits', `${hold} picked`, `${hold} packed`][stage] as string),
    quality === 0 ? '' : QUALITIES[quality],
    ...[why, location, container === '' ? '' : `[${container}]`],
    ...[batch === '' ? '' : `#${batch}`, box === 0 ? '' : `box:${box}`],
    ...[fnsku === '' ? '' : `fnsku:${fnsku}`, String(qty), pinned === 0 ? '' : `pinned:${pinned}`],
  ];
  return words.filter((word) => word !== '').join(' ');
}

const figure = (all: Figures, name: string): number => all[name] ?? expect.fail(`no ${name}`);

function pairs(text: string): [string, number][] {
  if (text === 'nothing') return [];
  return text.split(', ').map((pair) => {
    const [name, value] = pair.split(' ') as [string, string];
    return [name, Number(value)];
  });
}

const late = (rest: string): [string, string] => [rest.split(' ')[0] as string, rest];

const lateBy = (command: StockCommand, nowMs: number): StockCommand => ({
  ...command,
  occurredAtMs: nowMs + CLOCK_AHEAD_MS + 1,
});

/** Words may stand in any order; each is known by its shape. */
export function parse(op: string, rest: string): StockCommand {
  const words = rest.split(' ').filter((w) => w !== '' && w !== op);
  const found = { qty: 0, delta: 0, hold: '', quality: 0, ttlMs: 0, partial: false };
  const more: { -readonly [K in keyof More]: More[K] } = { ...NO_MORE };
  for (const word of words) {
    const time = /^(\d+)(s|min|h|d)$/.exec(word);
    if (time !== null) found.ttlMs = Number(time[1]) * UNIT_MS[time[2] as keyof typeof UNIT_MS];
    else if (/^\d+$/.test(word)) found.qty = Number(word);
    else if (/^[+-]\d+$/.test(word)) found.delta = Number(word);
    else if (QUALITIES.includes(word as never)) found.quality = QUALITIES.indexOf(word as never);
    else if (word === 'partial') found.partial = true;
    else if (word === 'unput') more.untilPutaway = true;
    else if (word === 'useSafety') more.useSafety = true;
    else if (word === 'backorder') more.backorder = true;
    else if (lotWord(word, more)) continue;
    else if (word.startsWith('arrived')) more.arrived = Number(word.slice(7));
    else if (word.startsWith('presale')) more.presale = Number(word.slice(7));
    else if (word.startsWith('oversell')) more.oversell = Number(word.slice(8));
    else if (word.startsWith('to:'))
      more.toQuality = QUALITIES.indexOf(word.slice(3) as never) as Quality;
    else if (BLOCK_REASONS.includes(word as never)) more.why = word as BlockReason;
    else if (word !== 'soft' && word !== 'as') found.hold = word;
  }
  const name = { key: KEY, owner: OWNER, sku: SKU, warehouse: WAREHOUSE };
  return {
    ...{ op: op as StockOp, ...name, doc: '', reason: '', occurredAtMs: 0 },
    ...{ ...found, hold: found.hold as HoldId, quality: found.quality as Quality, more },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** `@A1 [T1] #L1 box:12 fnsku:X`, the same after `to`; `sn:S1,S2`, `exp:30d`, `sell:20d`, a policy. */
function lotWord(word: string, more: Mutable<More>): boolean {
  const isTo = word.startsWith('to') && !word.startsWith('to:');
  const [, sign, value] =
    /^(?:to)?(@|\[|#|box:|fnsku:|sn:|exp:|sell:)([^\]]*)\]?$/.exec(word) ?? [];
  if (PICK_POLICIES.includes(word as PickPolicy)) more.policy = word as PickPolicy;
  else if (sign === undefined || value === undefined) return false;
  else if (sign === 'sn:') more.serials = value.split(',');
  else if (sign === 'exp:' || sign === 'sell:') more.dates = datesOf(more.dates, sign, value);
  else if (isTo) more.to = { ...more.to, ...lotPart(sign, value) };
  else more.lot = { ...more.lot, ...lotPart(sign, value) };
  return true;
}

function lotPart(sign: string, value: string): LotFilter {
  if (sign === '@') return { location: value };
  if (sign === '[') return { container: value };
  if (sign === '#') return { batch: value };
  return sign === 'box:' ? { box: Number(value) } : { fnsku: value };
}

/** In so many days from the start. */
function datesOf(before: BatchDates | undefined, sign: string, value: string): BatchDates {
  const atMs = START_MS + Number.parseInt(value, 10) * UNIT_MS.d;
  const dates = before ?? { startMs: 0, expiresAtMs: atMs, sellUntilMs: atMs };
  return sign === 'exp:'
    ? { ...dates, expiresAtMs: atMs, sellUntilMs: atMs }
    : { ...dates, sellUntilMs: atMs };
}
