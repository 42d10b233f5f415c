import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandOf, Floor, keyOf } from '../../test/support/documents.ts';
import { onHand } from '../stock/balances.ts';
import { openHold, promised } from '../stock/state.ts';
import type { Act } from './commands.ts';
import type { OrderState } from './order.ts';
import { outgoing, toldCommand } from './outgoing.ts';
import { holdId, sum } from './plan.ts';
import type { DestinationState, SourceState, TransferState } from './transfer.ts';

/** Runs of one property. Each is some 30 acts, legal and not. */
const RUNS = 150;

const qty = fc.integer({ min: 0, max: 7 });
const label = fc.constantFrom('1', '2', '3');
const place = fc.constantFrom('', '@A', '@B');
const skuOf = (line: string): string => (line === '2' ? 'CUP' : 'MUG');

/** An act as {@link commandOf} reads it. */
type Words = readonly [Act, ...string[]];

const orderAct: fc.Arbitrary<Words> = fc.oneof(
  fc
    .tuple(label, qty)
    .map(([line, n]): Words => ['order.change', 'O1', `${line}:${skuOf(line)}*${n}`]),
  fc
    .tuple(
      fc.constantFrom<Act>('order.pick', 'order.short', 'order.cancel', 'order.putback'),
      fc.tuple(label, qty, place),
    )
    .map(([act, [line, n, at]]): Words => [act, 'O1', `${line}*${n}${at}`]),
  fc
    .tuple(label, qty, fc.constantFrom('C1', 'C2'))
    .map(([line, n, carton]): Words => ['order.pack', 'O1', `${line}*${n}`, `carton=${carton}`]),
  fc.constantFrom<Words>(
    ['order.release', 'O1', 'partial'],
    ['order.release', 'O1'],
    ['order.pick', 'O1'],
    ['order.pack', 'O1', 'carton=C3'],
    ['order.ship', 'O1'],
    ['order.ship', 'O1', 'partial'],
    ['order.ship', 'O1', 'cartons=C1'],
    ['order.putback', 'O1'],
    ['order.close', 'O1'],
  ),
);

/** What happens to stock meanwhile. */
const noise = fc
  .tuple(fc.constantFrom('receive', 'adjust'), fc.constantFrom('MUG', 'CUP'), qty)
  .map(([op, sku, n]) => `${op} ${sku} ${op === 'adjust' ? -n - 1 : n + 1}`);

const life = fc.array(
  fc.oneof({ weight: 6, arbitrary: orderAct }, { weight: 1, arbitrary: noise }),
  {
    maxLength: 40,
  },
);

const placing = fc.constantFrom('', ' partial', ' backorder');

describe('an order', () => {
  it('D1 S3 S4 has the figures of its holds, and makes and loses no unit, whatever is done with it', () => {
    fc.assert(
      fc.property(placing, life, (how, acts) => {
        const floor = new Floor();
        floor.walk('receive MUG 6 location=A · receive MUG 5 · receive CUP 5 location=B');
        floor.walk(`order.place O1 1:MUG*6 2:CUP*4${how}`);
        let came = 16;
        for (const one of acts) {
          if (typeof one === 'string') came += stockStep(floor, one);
          else if (floor.run(commandOf(one[0], one.slice(1))).ok) expectFigures(floor);
        }
        const order = floor.state('order', 'O1') as OrderState;
        const here = sum(['MUG', 'CUP'], (sku) => onHand(floor.room.get(keyOf(sku))?.b ?? [], 0));
        expect(here + sum(order.lines, (l) => l.shipped)).toBe(came);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Units that came, or went (< 0); 0 where stock refused. */
function stockStep(floor: Floor, step: string): number {
  const before = floor.picture();
  try {
    floor.walk(step);
  } catch (e) {
    expect(String(e)).toContain('exceeds_on_hand');
  }
  const units = Number(step.split(' ')[2]);
  return floor.picture() === before ? 0 : units;
}

function expectFigures(floor: Floor): void {
  const order = floor.state('order', 'O1') as OrderState;
  for (const line of order.lines) {
    const state = floor.room.get(line.key);
    const ids = Array.from({ length: line.holds }, (_, i) => holdId('O1', line.line, i + 1));
    const holds = ids.flatMap((id) => (state && openHold(state, id)) ?? []);
    expect(line).toMatchObject({
      promised: sum(holds, promised),
      waiting: sum(holds, (h) => h.waiting),
      picked: sum(holds, (h) => h.picked),
      packed: sum(holds, (h) => h.packed),
    });
    const had = line.promised + line.picked + line.packed + line.shipped;
    expect(line.ordered).toBeGreaterThanOrEqual(had);
    const inCartons = sum(line.cartons, (part) => (part.isShipped ? 0 : part.qty));
    expect(inCartons).toBeGreaterThanOrEqual(line.packed);
  }
}

type End = 'W1' | 'W2';
type TransferStep = Words | readonly ['tell' | 'lose', End];

const transferStep: fc.Arbitrary<TransferStep> = fc.oneof(
  fc.tuple(fc.constantFrom('tell', 'lose'), fc.constantFrom('W1', 'W2')) as fc.Arbitrary<
    readonly ['tell' | 'lose', End]
  >,
  fc
    .tuple(label, qty, fc.constantFrom('', '~defective'), fc.constantFrom('W1', 'W2', 'W3'))
    .map(([line, n, as, at]): Words => ['transfer.receive', 'T1', `${line}*${n}${as}`, `in=${at}`]),
  fc.tuple(label, qty).map(([line, n]): Words => ['transfer.cancel', 'T1', `${line}*${n}`]),
  fc.constantFrom<Words>(
    ['transfer.dispatch', 'T1'],
    ['transfer.dispatch', 'T1', '1*2@A'],
    ['transfer.receive', 'T1', 'in=W2'],
    ['transfer.close', 'T1', 'in=W2'],
  ),
);

describe('a transfer', () => {
  it('D2 S4 counts every unit once: sent = received + lost + on its way, at every step', () => {
    fc.assert(
      fc.property(fc.array(transferStep, { maxLength: 25 }), (steps) => {
        const floor = new Floor();
        floor.walk('receive MUG 3 location=A · receive MUG 5 location=B · receive CUP 4');
        floor.walk('transfer.place T1 1:MUG*5 2:CUP*4 toWarehouse=W2');
        for (const step of steps) {
          transferDo(floor, step);
          expectOnce(floor);
        }
        finish(floor);
      }),
      { numRuns: RUNS },
    );
  });
});

const legOf = (floor: Floor, end: End): TransferState | undefined => {
  const found = [...floor.documents.entries()].find(([key]) => key.endsWith(`@${end}`));
  return found?.[1] as TransferState | undefined;
};

function transferDo(floor: Floor, step: TransferStep): void {
  const [verb, ...words] = step;
  if (verb !== 'tell' && verb !== 'lose') {
    floor.run(commandOf(verb, words));
    return;
  }
  const state = legOf(floor, words[0] as End);
  const command = state && outgoing(state);
  if (command === undefined) return;
  expect(floor.run(command)).toMatchObject({ ok: true });
  if (verb === 'tell') floor.run(toldCommand(state as TransferState, command.step));
}

function expectOnce(floor: Floor): void {
  const source = legOf(floor, 'W1') as SourceState;
  const there = legOf(floor, 'W2') as DestinationState | undefined;
  const sent = sum(source.lines, (l) => l.dispatched);
  const [received, lost] = [
    sum(there?.lines ?? [], (l) => l.received),
    sum(there?.lines ?? [], (l) => l.lost),
  ];
  const here = (end: End): number =>
    sum(['MUG', 'CUP'], (sku) => {
      const b = floor.room.get(keyOf(sku, end))?.b ?? [];
      return onHand(b, 0) + onHand(b, 1);
    });
  expect(here('W1')).toBe(12 - sent);
  expect(here('W2')).toBe(received);
  expect(received + lost).toBeLessThanOrEqual(sent);
  expect(sum(source.parcels, (p) => p.received)).toBeLessThanOrEqual(received);
  expect(sum(source.parcels, (p) => p.qty)).toBe(sent);
}

/** Whatever was lost on the way is told again, until both ends know all. */
function finish(floor: Floor): void {
  if (legOf(floor, 'W1')?.status === 'placed') floor.walk('transfer.dispatch T1');
  if (legOf(floor, 'W1')?.status === 'cancelled') return;
  transferDo(floor, ['tell', 'W1']);
  if (legOf(floor, 'W2')?.status !== 'closed') floor.walk('transfer.close T1 in=W2');
  transferDo(floor, ['tell', 'W2']);
  expectOnce(floor);
  expect([legOf(floor, 'W1')?.status, legOf(floor, 'W2')?.status]).toEqual(['settled', 'closed']);
  for (const end of ['W1', 'W2'] as const) {
    const state = legOf(floor, end) as TransferState;
    expect([outgoing(state), state.endedAtMs > 0]).toEqual([undefined, true]);
  }
}
