import { isRead } from '../../actors/command.ts';
import type { HoldId, WarehouseId } from '../../actors/ids.ts';
import {
  type Command,
  type More,
  NO_MORE,
  PICK_POLICIES,
  type ReadCommand,
} from '../../actors/stock/commands.ts';
import type { LotFilter } from '../../actors/stock/lot.ts';
import { eachOf } from '../support/engine.ts';
import { command, named, type Place } from './acts.ts';
import { drawPapers } from './papers.ts';
import type { Repeat, Sending, Shape } from './plan.ts';
import type { Random } from './random.ts';
import type { Wanted } from './sent.ts';
import { EPOCH_MS } from './world.ts';

/** Draws what clients do: goods arrive, orders run their course, things get lost, people look. */
export function drawWork(
  random: Random,
  shape: Shape,
): { readonly sendings: readonly Sending[]; readonly repeats: readonly Repeat[] } {
  const work = new Work(random, shape);
  work.firstReceipts();
  const orders = shape.theme === 'sessions' ? random.whole(5, 30) : random.whole(12, 50);
  for (let i = orders; i > 0 && !shape.quiet; i--) work.order();
  const changes = shape.quiet ? random.pick([30, 60, 120]) : random.whole(0, 15);
  for (let i = changes; i > 0; i--) work.change();
  const papers = shape.theme === 'sessions' ? random.whole(0, 4) : random.whole(3, 12);
  if (!shape.quiet) for (const course of drawPapers(random, shape, papers)) work.follow(course);
  for (let i = random.whole(0, 20); i > 0; i--) work.look();
  if (shape.quiet || random.chance(0.6)) work.stare();
  if (shape.quiet) work.stare();
  const again = shape.theme === 'sessions' ? random.whole(10, 40) : random.whole(0, 12);
  for (let i = again; i > 0; i--) work.again();
  return { sendings: work.sendings, repeats: work.repeats };
}

/** One a warehouse: each commits a record. */
export const strictReads = ({ warehouses, skus }: Shape): ReadCommand[] =>
  warehouses.map((warehouse) => {
    const { key, owner, sku, warehouse: id } = named({ warehouse, sku: skus[0] as string });
    return { op: 'read', key, owner, sku, warehouse: id, hold: '' as HoldId, strict: true };
  });

class Work {
  readonly sendings: Sending[] = [];
  readonly repeats: Repeat[] = [];
  readonly #random: Random;
  readonly #shape: Shape;
  readonly #holds: { readonly place: Place; readonly hold: string }[] = [];
  #wishes = 0;

  constructor(random: Random, shape: Shape) {
    this.#random = random;
    this.#shape = shape;
  }

  firstReceipts(): void {
    for (const warehouse of this.#shape.warehouses) {
      for (const sku of this.#shape.skus) {
        const qty = this.#random.whole(2, 20);
        this.#send(this.#random.between(0, 800), [command('receive', { warehouse, sku }, { qty })]);
      }
    }
  }

  /** A reservation and what becomes of it. */
  order(): void {
    const place = this.#place();
    const hold = `H${this.#holds.length}`;
    this.#holds.push({ place, hold });
    this.follow(this.#course(place, hold));
  }

  /** One client's commands; each waits for the one before, or follows on its heels. */
  follow(course: readonly Wanted[]): void {
    const random = this.#random;
    const client = this.#client();
    const steps = [...course];
    let atMs = this.#when();
    let before: number | undefined;
    while (steps.length > 0) {
      const frame = steps.splice(0, random.chance(0.2) ? 2 : 1);
      const after: number | undefined = random.chance(0.8) ? before : undefined;
      before = this.#send(atMs, frame, client, after);
      atMs += random.between(1, random.chance(0.2) ? 3_000 : 300);
    }
  }

  #course(place: Place, hold: string): Command[] {
    const random = this.#random;
    const soft = random.chance(0.55);
    const ttlMs = soft ? random.whole(200, 4_000) : 0;
    const qty = random.whole(1, 4);
    const one = { hold, qty: 0 };
    const reserve = random.chance(0.2)
      ? random.chance(0.6)
        ? this.#basket(hold, ttlMs)
        : this.#bulk(hold, ttlMs)
      : this.#reserve(place, hold, qty, ttlMs);
    const steps: Command[] = [reserve];
    if (soft && random.chance(0.4)) {
      const part = random.chance(0.2) ? 1 : 0;
      steps.push(command('extend', place, { hold, qty: part, ttlMs: random.whole(200, 6_000) }));
    }
    const end = random.weighted({ left: 2, released: 2, cancelled: 2, shipped: 4, stuck: 1 });
    if (end === 'left') return steps;
    if (end === 'released') return [...steps, command('release', place, one)];
    if (soft) steps.push(command('harden', place, one));
    const part = random.chance(0.3) ? 1 : 0;
    if (random.chance(0.15)) {
      steps.push(command('short', place, { hold, qty: 1, more: this.#where() }));
    }
    steps.push(command('pick', place, { hold, qty: part, more: this.#where() }));
    if (random.chance(0.1)) steps.push(command('unpick', place, one), command('pick', place, one));
    if (random.chance(0.7)) steps.push(command('pack', place, one));
    if (random.chance(0.1)) steps.push(command('unpack', place, one), command('pack', place, one));
    if (end === 'shipped') steps.push(command('ship', place, { hold, qty: part }));
    if (end === 'cancelled') {
      steps.push(command('cancel', place, one));
      if (random.chance(0.7))
        steps.push(command('putback', place, { quality: random.pick([0, 0, 1]) }));
    }
    return steps;
  }

  /** Of any units, or pinned to some, or for later where there are too few. */
  #reserve(place: Place, hold: string, qty: number, ttlMs: number): Command {
    const random = this.#random;
    const how = random.weighted({ plain: 6, pinned: 2, later: 1 });
    const more = {
      plain: () => NO_MORE,
      pinned: () => ({ ...NO_MORE, lot: this.#filter() }),
      later: () => ({ ...NO_MORE, backorder: true }),
    }[how]();
    const partial = how !== 'later' && random.chance(0.2);
    return command('reserve', place, { hold, qty, ttlMs, partial, more });
  }

  #where(): More {
    const random = this.#random;
    if (random.chance(0.7)) return NO_MORE;
    return { ...NO_MORE, lot: this.#filter(), policy: random.pick(PICK_POLICIES) };
  }

  /** All or nothing over several SKUs, sometimes of the same one twice. */
  #basket(hold: string, ttlMs: number): Command {
    const random = this.#random;
    const { warehouse } = this.#place();
    const lines = Array.from({ length: random.whole(2, 4) }, (_, i) =>
      command(
        'reserve',
        { warehouse, sku: random.pick(this.#shape.skus) },
        {
          hold: `${hold}/${i}`,
          qty: random.whole(1, 5),
          ttlMs,
        },
      ),
    );
    return { op: 'all', warehouse: warehouse as WarehouseId, commands: lines };
  }

  /** The same, each line by itself. */
  #bulk(hold: string, ttlMs: number): Command {
    const random = this.#random;
    const { warehouse } = this.#place();
    const count = random.whole(1, 5);
    const skus = Array.from({ length: count }, () => random.pick(this.#shape.skus));
    return eachOf('reserve', skus, {
      warehouse: warehouse as WarehouseId,
      holds: skus.map((_, i) => `${hold}/${i}` as HoldId),
      units: skus.map(() => random.whole(1, 4)),
      ttlMs,
    });
  }

  /** Goods that are announced, arrive, are found or lost, kept from sale, or of another quality than thought. */
  change(): void {
    const random = this.#random;
    const place = this.#place();
    const one = random.weighted({
      ...{ lotted: 3, moved: 1.5, batchOut: 0.3, batchIn: 0.3, serial: 0.7, boxed: 0.5 },
      ...{ receive: 3, lose: 4, find: 1, defective: 1, ahead: 0.5, announce: 1, arrive: 1 },
      ...{
        withdraw: 0.5,
        block: 1,
        unblock: 1,
        requality: 0.5,
        safety: 0.3,
        putAway: 0.5,
        unreceive: 0.5,
      },
    });
    const qty = random.whole(1, 6);
    const occurredAtMs = EPOCH_MS + 9e9;
    const made = {
      lotted: () => command('receive', place, { qty, more: { ...NO_MORE, ...this.#lot() } }),
      moved: () => {
        const more = { ...NO_MORE, lot: this.#filter(), to: { location: this.#location() } };
        return command('move', place, { qty: random.whole(1, 3), more });
      },
      batchOut: () => command('block', place, { more: this.#batch('recall') }),
      batchIn: () => command('unblock', place, { more: this.#batch('recall') }),
      serial: () => {
        const serials = [`S${random.whole(1, 9)}`];
        const lot = { location: this.#location() };
        return command('receive', place, { qty: 1, more: { ...NO_MORE, serials, lot } });
      },
      boxed: () => {
        const lot = { location: this.#location(), box: 2 };
        return command('receive', place, { qty: 2 * qty, more: { ...NO_MORE, lot } });
      },
      receive: () => command('receive', place, { qty }),
      unreceive: () => command('unreceive', place, { qty: random.whole(1, 2) }),
      lose: () => command('adjust', place, { delta: -qty, reason: 'lost' }),
      find: () => command('adjust', place, { delta: qty, reason: 'found' }),
      defective: () => command('receive', place, { qty, quality: 1 }),
      ahead: () => command('receive', place, { qty, occurredAtMs }),
      announce: () => command('announce', place, { qty }),
      arrive: () =>
        command('receive', place, {
          qty,
          more: { ...NO_MORE, arrived: random.whole(1, qty), untilPutaway: random.chance(0.4) },
        }),
      withdraw: () => command('withdraw', place, { qty: random.whole(1, 2) }),
      block: () => command('block', place, { qty, more: { ...NO_MORE, why: 'quarantine' } }),
      unblock: () => command('unblock', place, { more: { ...NO_MORE, why: 'quarantine' } }),
      requality: () => command('requality', place, { qty, more: { ...NO_MORE, toQuality: 1 } }),
      safety: () => command('safety', place, { qty: random.whole(0, 3) }),
      putAway: () => {
        const to = random.chance(0.5) ? { location: this.#location() } : {};
        return command('putback', place, { more: { ...NO_MORE, to } });
      },
    }[one]();
    this.#send(this.#when(), [made]);
  }

  #location = (): string => `A${this.#random.whole(1, 3)}`;
  #batchName = (): string => `L${this.#random.whole(1, 3)}`;

  /** What goods are: a batch has the same dates whenever it comes, and some run out soon. */
  #lot(): Pick<More, 'lot' | 'dates'> {
    const random = this.#random;
    if (random.chance(0.3)) return { lot: { location: this.#location() }, dates: undefined };
    const batch = this.#batchName();
    const atMs = EPOCH_MS + Number(batch[1]) * 5_000;
    const dates = { startMs: 0, expiresAtMs: atMs, sellUntilMs: atMs };
    const lot = random.chance(0.7) ? { batch, location: this.#location() } : { batch };
    return { lot, dates: random.chance(0.7) ? dates : undefined };
  }

  /** Which goods are meant. */
  #filter(): LotFilter {
    const random = this.#random;
    if (random.chance(0.3)) return {};
    return random.chance(0.5) ? { location: this.#location() } : { batch: this.#batchName() };
  }

  #batch(why: More['why']): More {
    return { ...NO_MORE, why, lot: { batch: this.#batchName() } };
  }

  look(): void {
    const random = this.#random;
    const known = random.chance(0.4) ? this.#holds[random.whole(0, this.#holds.length)] : undefined;
    const place = known?.place ?? this.#place();
    this.#send(this.#when(), [this.#read(place, known?.hold ?? '')]);
  }

  /** Somebody looks at the same goods again and again. */
  stare(): void {
    const random = this.#random;
    const place = {
      warehouse: this.#shape.warehouses[0] as string,
      sku: this.#shape.skus[0] as string,
    };
    const client = this.#shape.quiet ? this.#shape.clients - 1 : this.#client();
    for (let atMs = 500; atMs < this.#shape.busyMs; atMs += random.between(40, 300)) {
      this.#send(atMs, [this.#read(place, '')], client);
    }
  }

  #read(place: Place, hold: string): ReadCommand {
    const { key, owner, sku, warehouse } = named(place);
    const strict = this.#random.chance(0.25);
    return { op: 'read', key, owner, sku, warehouse, hold: hold as HoldId, strict };
  }

  /** A number that was used before comes again: a late duplicate, or a client that counts wrongly. */
  again(): void {
    const random = this.#random;
    const of = random.pick(this.sendings);
    const wish = random.pick(of.wishes);
    if (isRead(wish.command)) return;
    const other = random.chance(0.3)
      ? command('receive', this.#place(), { qty: random.whole(1, 3), doc: 'other' })
      : undefined;
    this.repeats.push({ atMs: this.#when(), client: of.client, of: wish.id, other });
  }

  #send(
    atMs: number,
    commands: readonly Wanted[],
    client = this.#client(),
    after?: number,
  ): number {
    const wishes = commands.map((c) => ({
      id: this.#wishes++,
      command: c,
      decided: this.#random.chance(0.12),
    }));
    this.sendings.push({ atMs, client, wishes, after });
    return this.#wishes - 1;
  }

  #when(): number {
    return this.#random.between(300, this.#shape.busyMs);
  }

  #client(): number {
    return this.#random.whole(0, this.#shape.clients - 1);
  }

  /** Some goods are wanted more than others. */
  #place(): Place {
    const { warehouses, skus } = this.#shape;
    const hot = this.#random.chance(0.4);
    return {
      warehouse: this.#random.pick(warehouses),
      sku: hot ? (skus[0] as string) : this.#random.pick(skus),
    };
  }
}
