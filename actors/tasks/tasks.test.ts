import { describe, expect, it } from 'vitest';
import { commandOf, Floor, keyOf } from '../../test/support/documents.ts';
import { ACTS, type Act, type DocumentCommand } from '../documents/commands.ts';
import { Documents } from '../documents/documents.ts';
import type { ActorKey, OwnerId, SkuId, WarehouseId } from '../ids.ts';
import { messageOf, type Refused } from '../outcomes.ts';
import { BLANK, NO_MORE, type StockCommand } from '../stock/commands.ts';
import { type Leading, leadAfter, led, notTheTask } from './lead.ts';
import { hasMissing } from './missing.ts';
import { type Lease, TASK_KINDS, type TaskCommand, type TaskKind } from './task.ts';

/*
 * A floor with scanners on it, told in words, steps divided by `·`; what {@link Floor} knows, and:
 *
 * - `D7 next kind… from=A-1`, `D7 extend task`, `D7 give task` are said by the scanner D7.
 * - `D7 scans task act…` does an act as a step of that task, and is led on.
 * - `gets task units@place` is what the step before it led to; `gets nothing` is nothing.
 * - `D7 brings task SKU units from>to` is a move as a step of that task.
 * - `item SKU place min max` gives a SKU a pick place.
 * - `wait 61s`; `refused code words…` of the step before it, if that was a scanner's.
 * - `restart` makes the board anew from the documents.
 *
 * After every step no two scanners have the same task.
 */
const HERE = { owner: 'demo' as OwnerId, warehouse: 'W1' as WarehouseId };

class Hall {
  readonly floor = new Floor();
  readonly #seen = new Map<ActorKey, number>();
  #lease: Lease | undefined;
  #refused: Refused | undefined;

  walk(steps: string): void {
    for (const step of steps.split('·')) this.#step(step.trim());
    expect(this.#refused).toBeUndefined();
  }

  #step(step: string): void {
    const [first = '', verb = '', ...words] = step.split(/\s+/);
    if (first === 'refused' && this.#refused !== undefined) {
      expect(`${this.#refused.code} ${messageOf(this.#refused)}`).toContain([verb].join(' '));
      expect(messageOf(this.#refused)).toContain(words.join(' '));
      this.#refused = undefined;
      return;
    }
    expect(this.#refused, `before ${step}`).toBeUndefined();
    if (first === 'wait') this.floor.nowMs += Number.parseInt(verb, 10) * 1_000;
    else if (first === 'gets') expect(this.#told()).toBe([verb, ...words].join(' '));
    else if (first === 'restart') this.#restart();
    else if (first === 'item') this.#item(verb, words);
    else if (verb === 'scans') this.#scan(first, words);
    else if (verb === 'brings') this.#bring(first, words);
    else if (['next', 'extend', 'give'].includes(verb)) this.#ask(first, verb, words);
    else this.floor.walk(step);
    this.#touch();
  }

  /** The board is told whose stock has changed. */
  #touch(): void {
    for (const [key, state] of this.floor.room.entries()) {
      if (this.#seen.get(key) === state.seq) continue;
      this.#seen.set(key, state.seq);
      this.floor.documents.board.touched(key);
      if (hasMissing(state)) this.floor.documents.board.missing(key);
    }
  }

  #item(sku: string, [pickLocation = '', min, max]: readonly string[]): void {
    const command = commandOf('item.set', [sku]);
    const facts = {
      unit: '',
      boxes: [],
      fnskus: [],
      barcodes: [],
      shelfLifeDays: 0,
      marginDays: 0,
    };
    const managed = { batchManaged: false, serialManaged: false };
    const pick = { pickLocation, pickMin: Number(min), pickMax: Number(max) };
    const more = { ...command.more, item: { ...facts, ...managed, ...pick } };
    expect(this.floor.run({ ...command, more })).toMatchObject({ ok: true });
  }

  #bring(scanner: string, [task = '', sku = '', qty, walk = '']: readonly string[]): void {
    const [location, to] = walk.split('>') as [string, string];
    const command: StockCommand = {
      ...BLANK,
      ...{ op: 'move', key: keyOf(sku), sku: sku as SkuId, qty: Number(qty), ...HERE },
      more: { ...NO_MORE, lot: { location }, to: { location: to } },
    };
    const refused = notTheTask(task, command, this.#leading(scanner));
    const outcome = refused ?? this.floor.room.run(command, this.floor.nowMs);
    this.#touch();
    if (!outcome.ok) this.#refused = outcome;
    else this.#lead(leadAfter(command, this.#leading(scanner)));
  }

  #told(): string {
    if (this.#lease === undefined) return 'nothing';
    const { id, qty, location } = this.#lease.task;
    return `${id} ${qty}${location === '' ? '' : `@${location}`}`;
  }

  #leading(scanner: string): Leading {
    const { documents, room, nowMs } = this.floor;
    return { documents, look: (key) => room.get(key), nowMs, scanner };
  }

  #ask(scanner: string, verb: string, words: readonly string[]): void {
    const kinds = words.filter((word): word is TaskKind => TASK_KINDS.includes(word as TaskKind));
    const from = words.find((word) => word.startsWith('from='))?.slice(5) ?? '';
    const command: TaskCommand = {
      ...{ op: 'task', act: `task.${verb}` as TaskCommand['act'], leaseMs: 60_000, from },
      ...HERE,
      kinds: kinds.length === 0 ? TASK_KINDS : kinds,
      task: verb === 'next' ? '' : (words[0] as string),
    };
    this.#lead(led(command, this.#leading(scanner)));
  }

  #lead(command: DocumentCommand | Refused | undefined): void {
    this.#lease = undefined;
    if (command === undefined) return;
    if ('ok' in command) {
      this.#refused = command;
      return;
    }
    expect(this.floor.run(command)).toMatchObject({ ok: true });
    this.#lease = command.more.lease;
    this.#alone();
  }

  #scan(scanner: string, [task = '', act, ...words]: readonly string[]): void {
    expect(ACTS).toContain(act);
    const command = commandOf(act as Act, words);
    const refused = notTheTask(task, command, this.#leading(scanner));
    const outcome = refused ?? this.floor.run(command);
    if (!outcome.ok) this.#refused = outcome;
    else this.#lead(leadAfter(command, this.#leading(scanner)));
  }

  /** No two scanners have the same task. */
  #alone(): void {
    const { nowMs, documents } = this.floor;
    const ids: string[] = [];
    for (const [, state] of documents.entries()) {
      if (state.kind !== 'task' || state.lease === null) continue;
      if (state.lease.untilMs > nowMs) ids.push(state.lease.task.id);
    }
    expect(new Set(ids).size).toBe(ids.length);
  }

  /** The board is made anew from the documents, in another order. */
  #restart(): void {
    const again = new Documents();
    const all = [...this.floor.documents.entries()].toReversed();
    for (const [key, state] of all) again.set(key, state);
    Object.assign(this.floor, { documents: again });
    this.#seen.clear();
  }
}

const STOCK =
  'receive TEA 10 location=A-1 · receive MUG 10 location=B-2 · receive CUP 10 location=A-3';
const ORDER = `${STOCK} · order.place O1 1:MUG*2 2:TEA*4 3:CUP*1 · order.release O1`;

const TABLE: Record<string, readonly (readonly [string, string])[]> = {
  'a picker': [
    [
      'is sent nowhere before an order is released',
      `${STOCK} · order.place O1 1:MUG*2 · D7 next · refused no_task`,
    ],
    [
      'is sent to the first place, and on from there',
      `${ORDER} · D7 next · gets pick/order/O1/2 4@A-1
      · D7 scans pick/order/O1/2 order.pick O1 2*4@A-1 · gets pick/order/O1/3 1@A-3
      · D7 scans pick/order/O1/3 order.pick O1 3*1 · gets pick/order/O1/1 2@B-2
      · D7 scans pick/order/O1/1 order.pick O1 1*2 · gets nothing · is order O1 picked`,
    ],
    [
      'walks on from where he stands, and round again',
      `${ORDER} · D7 next from=A-2 · gets pick/order/O1/3 1@A-3
      · D7 give pick/order/O1/3 · D7 next from=C-1 · gets pick/order/O1/2 4@A-1`,
    ],
    [
      'asks again, and has what he had',
      `${ORDER} · D7 next · gets pick/order/O1/2 4@A-1 · D7 next from=B-2 · gets pick/order/O1/2 4@A-1`,
    ],
    [
      'takes a part, and is sent to the rest of the line',
      `receive TEA 3 location=A-1 · receive TEA 3 location=A-2
      · order.place O1 1:TEA*5 · order.release O1 · D7 next · gets pick/order/O1/1 3@A-1
      · D7 scans pick/order/O1/1 order.pick O1 1*3@A-1 · gets pick/order/O1/1 2@A-2`,
    ],
    [
      'finds too few, and is sent where there are others',
      `receive TEA 3 location=A-1 · receive TEA 3 location=A-2
      · order.place O1 1:TEA*3 · order.release O1 · D7 next · D7 scans pick/order/O1/1 order.short O1 1*3@A-1
      · gets pick/order/O1/1 3@A-2`,
    ],
    [
      'is sent to the batch that was promised',
      `receive TEA 3 location=A-1 batch=L1 · receive TEA 3 location=A-2 batch=L2
      · order.place O1 1:TEA*2#L2 · order.release O1 · D7 next · gets pick/order/O1/1 2@A-2`,
    ],
    [
      'goes by priority, then by wave, then by place',
      `${STOCK} · order.place O1 1:TEA*1 · order.release O1 wave=W2
      · order.place O2 1:MUG*1 · order.release O2 wave=W1 · order.place O3 1:CUP*1 · order.release O3 priority=5
      · D1 next · gets pick/order/O3/1 1@A-3 · D2 next · gets pick/order/O2/1 1@B-2 · D3 next · gets pick/order/O1/1 1@A-1
      · D4 next · refused no_task`,
    ],
    [
      'has nothing of a line whose goods are lost',
      `${ORDER} · adjust TEA -10 · D7 next · gets pick/order/O1/3 1@A-3`,
    ],
    [
      'has it when stock has come',
      `receive TEA 1 · receive MUG 1 · adjust MUG -1 · order.place O1 1:TEA*1 2:MUG*1 backorder · order.release O1 partial
      · D7 next · gets pick/order/O1/1 1 · D8 next · refused no_task · receive MUG 1 location=B-2
      · D8 next · gets pick/order/O1/2 1@B-2`,
    ],
    [
      'is not sent to what was cancelled',
      `${ORDER} · D7 next · order.cancel O1 2*4 · D7 next · gets pick/order/O1/3 1@A-3`,
    ],
  ],
  'two scanners': [
    [
      'have two tasks',
      `${ORDER} · D7 next · gets pick/order/O1/2 4@A-1 · D8 next · gets pick/order/O1/3 1@A-3`,
    ],
    [
      'of whom one is silent: the other has its task after the lease',
      `${ORDER} · D7 next · D8 next · D9 next
      · gets pick/order/O1/1 2@B-2 · D6 next · refused no_task · wait 61s · D6 next · gets pick/order/O1/2 4@A-1
      · D7 scans pick/order/O1/2 order.pick O1 2*4 · refused not_the_task another has it by now`,
    ],
    [
      'of whom one is late, and nobody was waiting',
      `${ORDER} · D7 next · wait 90s
      · D7 scans pick/order/O1/2 order.pick O1 2*4 · gets pick/order/O1/3 1@A-3`,
    ],
    [
      'of whom one takes longer',
      `${ORDER} · D7 next · wait 50s · D7 extend pick/order/O1/2 · wait 50s
      · D8 next · gets pick/order/O1/3 1@A-3`,
    ],
    [
      'of whom one gives its task back: the other has it, and the first another',
      `${ORDER} · D7 next
      · D7 give pick/order/O1/2 · gets nothing · D7 next · gets pick/order/O1/3 1@A-3 · D8 next · gets pick/order/O1/2 4@A-1`,
    ],
    [
      'of whom one may have back what it gave, if there is nothing else',
      `${STOCK} · order.place O1 1:TEA*1
      · order.release O1 · D7 next · D7 give pick/order/O1/1 · D7 next · gets pick/order/O1/1 1@A-1`,
    ],
    [
      'have theirs still after the shard was taken over',
      `${ORDER} · D7 next · D8 next · restart
      · D9 next · gets pick/order/O1/1 2@B-2 · D7 next · gets pick/order/O1/2 4@A-1 · D6 next · refused no_task`,
    ],
  ],
  'a scan of a task': [
    [
      'of another line is told what was asked for',
      `${ORDER} · D7 next · D7 scans pick/order/O1/2 order.pick O1 1*2
      · refused not_the_task pick 4 TEA at A-1, order O1 line 2`,
    ],
    [
      'of another place is told where',
      `${ORDER} · D7 next · D7 scans pick/order/O1/2 order.pick O1 2*4@A-3
      · refused not_the_task at A-1`,
    ],
    [
      'of another SKU is told which',
      `${ORDER} · D7 next · D7 scans pick/order/O1/2 order.pick O1 2:MUG*4
      · refused not_the_task TEA`,
    ],
    [
      'that names another task is told which one it has',
      `${ORDER} · D7 next · D7 scans pick/order/O1/1 order.pick O1 1*2
      · refused not_the_task order O1 line 2`,
    ],
    [
      'without one is told to ask',
      `${ORDER} · D7 scans pick/order/O1/1 order.pick O1 1*2 · refused not_the_task ask for one`,
    ],
    [
      'that stock refuses leaves the task as it was',
      `${ORDER} · D7 next · D7 scans pick/order/O1/2 order.pick O1 2*5
      · refused exceeds_line · D7 next · gets pick/order/O1/2 4@A-1`,
    ],
    [
      'need not name one',
      `${ORDER} · D7 next · order.pick O1 2*4 · D7 next · gets pick/order/O1/3 1@A-3`,
    ],
  ],
  'somebody who puts away': [
    [
      'is sent to goods that wait for their place',
      `asn.announce N1 1:TEA*6 untilPutaway · D7 next putaway · refused no_task
      · asn.receive N1 1*4@DOCK · D7 next putaway · gets putaway/asn/N1/1 4@DOCK
      · D7 scans putaway/asn/N1/1 asn.putaway N1 1*4>A-1 · gets nothing`,
    ],
    [
      'is sent to returns too',
      `return.announce R1 1:TEA*2 untilPutaway · return.receive R1 1*2 · D7 next
      · gets putaway/return/R1/1 2`,
    ],
    [
      'brings cancelled picks back',
      `${ORDER} · order.pick O1 2*4 · order.cancel O1 · D7 next · gets putaway/order/O1/2 4
      · D7 scans putaway/order/O1/2 order.putback O1 2*4>A-1 · gets nothing`,
    ],
    [
      'does what it asked for first, first',
      `${ORDER} · asn.announce N1 1:TEA*6 untilPutaway · asn.receive N1 1*4
      · D7 next pick putaway · gets pick/order/O1/2 4@A-1 · D8 next putaway pick · gets putaway/asn/N1/1 4`,
    ],
  ],
  'somebody who fills up': [
    [
      'is sent with as much as is missing, where it is below the least',
      `receive TEA 4 location=P-1 · receive TEA 20 location=Z-9 · item TEA P-1 3 10 · D7 next replenish · refused no_task
      · adjust TEA -2 location=P-1 · D7 next replenish · gets replenish/item/TEA/P-1 8@Z-9
      · D8 next replenish · refused no_task · D7 brings replenish/item/TEA/P-1 TEA 8 Z-9>P-1 · gets nothing`,
    ],
    [
      'brings a part, and is sent again only below the least',
      `receive TEA 1 location=Y-1 · receive TEA 9 location=Z-9 · item TEA P-1 3 5 · D7 next · gets replenish/item/TEA/P-1 1@Y-1
      · D7 brings replenish/item/TEA/P-1 TEA 1 Y-1>P-1 · gets replenish/item/TEA/P-1 4@Z-9
      · D7 brings replenish/item/TEA/P-1 TEA 2 Z-9>P-1 · gets nothing`,
    ],
    [
      'is told where to, where the scan is of another place',
      `receive TEA 20 location=Z-9 · item TEA P-1 3 10 · D7 next · D7 brings replenish/item/TEA/P-1 TEA 8 Z-9>P-2
      · refused not_the_task replenish 10 TEA at Z-9, to P-1`,
    ],
    [
      'is not sent where there is nothing elsewhere, or the item has another place now',
      `receive TEA 1 location=P-1 · item TEA P-1 3 10 · D7 next · refused no_task · receive TEA 9 location=Z-9
      · D7 next · gets replenish/item/TEA/P-1 9@Z-9 · item TEA Z-9 3 10 · D8 next · refused no_task`,
    ],
    [
      'is sent after the shard was taken over too',
      `receive TEA 20 location=Z-9 · item TEA P-1 3 10 · restart · D7 next · gets replenish/item/TEA/P-1 10@Z-9`,
    ],
  ],
  'a counter': [
    [
      'is sent to a place where a picker did not find all, until that has been counted',
      `receive MUG 9 location=B-2 · order.place O1 1:MUG*4 · order.release O1 · order.short O1 1*2@B-2
       · D7 next count · gets count/missing/MUG 0@B-2 · D8 next count · refused no_task
       · count.open K1 1:MUG@B-2 · D7 scans count/missing/MUG count.line K1 1*8@B-9^3 · refused not_the_task
       · D7 scans count/missing/MUG count.line K1 1:MUG*8@B-2^3 · gets nothing · restart
       · D7 next count · refused no_task · count.post K1 · stock MUG onHand=8 blocked=0
       · D7 next count · refused no_task`,
    ],
    [
      'is sent to lines that nobody has counted',
      `${STOCK} · count.open K1 1:MUG@B-2 2:TEA@A-1 · D7 next count
      · gets count/count/K1/2 0@A-1 · D7 scans count/count/K1/2 count.line K1 2*10^9
      · gets count/count/K1/1 0@B-2 · D7 scans count/count/K1/1 count.line K1 1*9^9 · gets nothing
      · count.recount K1 · D7 next count · gets count/count/K1/1 0@B-2 · count.cancel K1 · D8 next count · refused no_task`,
    ],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_, rows) => {
  it.each(rows)('%s', (_title, steps) => new Hall().walk(steps));
});
