import type { Act, DocumentCommand } from '../../actors/documents/commands.ts';
import { NO_MORE, type StockCommand } from '../../actors/stock/commands.ts';
import type { LotFilter } from '../../actors/stock/lot.ts';
import { type Ask, act, command, type Paper, readOf, type Said } from './acts.ts';
import type { Shape } from './plan.ts';
import type { Random } from './random.ts';
import type { Wanted } from './sent.ts';
import { EPOCH_MS } from './world.ts';

/** Acts, one after the other. */
export type Course = readonly Wanted[];

/** Of acts: those that are sent once more under a number of their own, and those that bear a name. */
const TWICE = 0.12;
const NAMED = 0.6;

/** The arriving end of a transfer. */
interface Bound extends Paper {
  readonly from: string;
}

const fromThere = ({ from }: Bound): Said => ({
  more: { fromWarehouse: from as DocumentCommand['warehouse'] },
});

/** Draws what clients do with documents: as many, each with its course. */
export function drawPapers(random: Random, shape: Shape, count: number): Course[] {
  const papers = new Papers(random, shape);
  for (let i = 0; i < count; i++) papers.one();
  return papers.courses;
}

class Papers {
  readonly courses: Course[] = [];
  readonly #random: Random;
  readonly #shape: Shape;
  #count = 0;

  constructor(random: Random, shape: Shape) {
    this.#random = random;
    this.#shape = shape;
  }

  one(): void {
    const mayTransfer = this.#shape.warehouses.length > 1;
    const kind = this.#random.weighted({
      ...{ order: 5, asn: 2, count: 1.5, transfer: mayTransfer ? 5 : 0 },
      ...{ return: 0.4, batch: 0.8, adjustment: 0.6 },
    });
    // Two warehouses may send under one number.
    const number = kind === 'transfer' ? this.#random.whole(0, 5) : this.#count++;
    const paper = {
      doc: `${kind[0]?.toUpperCase()}${number}`,
      warehouse: this.#random.pick(this.#shape.warehouses),
    };
    const course = {
      order: () => this.#order(paper),
      asn: () => this.#inbound('asn', paper),
      return: () => this.#inbound('return', paper),
      count: () => this.#counting(paper),
      transfer: () => this.#transfer(paper),
      batch: () => this.#batch(paper),
      adjustment: () => this.#adjustment(paper),
    }[kind]();
    this.courses.push([...this.#supply(kind, course), ...course]);
    this.#troubles(course);
  }

  /** Goods for an order or a transfer: loose, in boxes, or of a batch. */
  #supply(kind: string, [opening]: readonly DocumentCommand[]): StockCommand[] {
    const random = this.#random;
    const isNeeded = kind === 'order' || kind === 'transfer';
    if (opening === undefined || !isNeeded || random.chance(0.4)) return [];
    return opening.lines.map(({ sku, lot }) => {
      const boxed = { box: 2, location: this.#location() };
      const more = { ...NO_MORE, lot: random.chance(0.7) ? lot : boxed };
      return command(
        'receive',
        { warehouse: opening.warehouse, sku },
        { qty: 2 * random.whole(1, 3), more },
      );
    });
  }

  /** Acts come again under new numbers, documents are opened twice or as something else, and people look. */
  #troubles(course: readonly DocumentCommand[]): void {
    const random = this.#random;
    for (const command of course) if (random.chance(TWICE)) this.courses.push([command]);
    const [opening] = course as [DocumentCommand, ...DocumentCommand[]];
    if (random.chance(0.08)) {
      const lines = opening.lines.map((line) => ({ ...line, qty: line.qty + 1 }));
      this.courses.push([random.chance(0.5) ? opening : { ...opening, lines }]);
    }
    for (let i = random.whole(0, 3); i > 0; i--) {
      this.courses.push([readOf(random.pick(course), random.chance(0.2))]);
    }
  }

  #order(paper: Paper): DocumentCommand[] {
    const random = this.#random;
    const how = random.weighted({ whole: 3, partial: 3, backorder: 2, safe: 1 });
    const lines = this.#lines(3, 3).map((line) =>
      random.chance(0.15) ? { ...line, lot: this.#lot() } : line,
    );
    const more = {
      whole: {},
      partial: { partial: true },
      backorder: { backorder: true, partial: random.chance(0.3) },
      safe: { useSafety: true },
    }[how];
    const course = [this.#act('order.place', paper, lines, { more })];
    if (random.chance(0.2)) course.push(this.#change(paper, lines));
    const end = random.weighted({ early: 1, released: 1, worked: 6 });
    if (end !== 'early') {
      course.push(this.#act('order.release', paper, [], { more: { partial: random.chance(0.5) } }));
    }
    if (end === 'worked') return [...course, ...this.#floor(paper, lines)];
    return [...course, ...this.#cancel(paper, lines)];
  }

  #change(paper: Paper, lines: readonly Ask[]): DocumentCommand {
    const changed = this.#some(lines).map((line) => ({ ...line, qty: this.#random.whole(0, 5) }));
    return this.#act('order.change', paper, changed);
  }

  /** Picking, packing and shipping, in parts or all at once, until it leaves or is cancelled. */
  #floor(paper: Paper, lines: readonly Ask[]): DocumentCommand[] {
    const random = this.#random;
    const course: DocumentCommand[] = [];
    const some = (name: Act, said: Said = {}): void => {
      const asked = random.chance(0.5) ? [] : this.#part(lines);
      course.push(this.#act(name, paper, asked, said));
    };
    if (random.chance(0.3)) {
      const [line] = this.#some(lines) as [Ask];
      course.push(this.#act('order.short', paper, [{ line: line.line, qty: 1 }]));
    }
    some('order.pick');
    if (random.chance(0.3)) some('order.pick');
    if (random.chance(0.25)) course.push(...this.#cancel(paper, lines));
    const cartons = random.chance(0.4) ? ['K1', 'K2'] : [''];
    for (const carton of cartons) some('order.pack', { more: { carton } });
    if (random.chance(0.2)) return [...course, ...this.#cancel(paper, lines)];
    const [carton] = cartons;
    const first = carton === '' ? [] : [carton as string];
    const partial = random.chance(0.5);
    course.push(this.#act('order.ship', paper, [], { more: { partial, cartons: first } }));
    if (random.chance(0.4)) some('order.pick');
    if (random.chance(0.4)) some('order.pack');
    if (random.chance(0.5)) course.push(this.#act('order.ship', paper, []));
    if (random.chance(0.3)) course.push(...this.#cancel(paper, lines));
    if (random.chance(0.5)) course.push(this.#act('order.close', paper));
    return course;
  }

  #cancel(paper: Paper, lines: readonly Ask[]): DocumentCommand[] {
    const random = this.#random;
    const asked = random.chance(0.6) ? [] : this.#part(lines);
    const course = [this.#act('order.cancel', paper, asked)];
    if (random.chance(0.7)) {
      const back = random.chance(0.5) ? [] : this.#part(lines);
      const quality = random.pick([0, 0, 1] as const);
      const to = { location: this.#location() };
      course.push(
        this.#act(
          'order.putback',
          paper,
          back.map((line) => ({ ...line, quality, to })),
        ),
      );
    }
    return course;
  }

  /** Comes as announced, short, beyond it, damaged, or as a batch; then it is put away and closed. */
  #inbound(kind: 'asn' | 'return', paper: Paper): DocumentCommand[] {
    const random = this.#random;
    const lines = this.#lines(2, 6);
    const untilPutaway = random.chance(0.4);
    const more = { untilPutaway, tolerance: random.pick([0, 0, 50]), blind: random.chance(0.3) };
    const course = [this.#act(`${kind}.announce`, paper, lines, { more })];
    if (random.chance(0.3)) course.push(this.#act(`${kind}.depart`, paper));
    if (random.chance(0.4)) course.push(this.#act(`${kind}.arrive`, paper));
    if (random.chance(0.15)) return [...course, this.#act(`${kind}.cancel`, paper)];
    for (let i = random.whole(1, 3); i > 0; i--) {
      const came = this.#some(lines).map((line) => ({ ...line, ...this.#arrived(line) }));
      course.push(this.#act(`${kind}.receive`, paper, came));
    }
    if (untilPutaway || random.chance(0.3)) {
      const to = { location: this.#location() };
      const put = this.#part(lines).map((line) => ({ ...line, to }));
      course.push(this.#act(`${kind}.putaway`, paper, put));
    }
    if (random.chance(0.7)) course.push(this.#act(`${kind}.close`, paper));
    return course;
  }

  #arrived({ qty = 0 }: Ask): Partial<Ask> {
    const random = this.#random;
    const units = random.weighted({ all: 4, fewer: 3, more: 1.5 });
    const came = { all: qty, fewer: random.whole(1, qty), more: qty + random.whole(1, 3) }[units];
    const quality = random.pick([0, 0, 0, 1] as const);
    if (random.chance(0.4)) return { qty: came, quality };
    const batch = this.#batchName();
    const atMs = EPOCH_MS + Number(batch[1]) * 5_000;
    const dates = { startMs: 0, expiresAtMs: atMs, sellUntilMs: atMs };
    const lot = { batch, location: this.#location() };
    return { qty: came, quality, lot, dates: random.chance(0.5) ? dates : undefined };
  }

  /** `seq` is what the counter saw: of long ago, or of just now. */
  #counting(paper: Paper): DocumentCommand[] {
    const random = this.#random;
    const lines = this.#lines(2, 8).map((line) =>
      random.chance(0.4) ? { ...line, lot: { location: this.#location() } } : line,
    );
    const seen = (): Ask[] =>
      lines.map(({ line }) => ({
        ...{ line, qty: random.whole(0, 9), seq: random.pick([5, 1_000_000]) },
      }));
    const limit = random.pick([-1, 2]);
    const course = [
      this.#act('count.open', paper, lines, { more: { limit } }),
      this.#act('count.line', paper, seen()),
    ];
    if (random.chance(0.3)) {
      course.push(this.#act('count.recount', paper), this.#act('count.line', paper, seen()));
    }
    if (random.chance(0.6)) course.push(this.#act('count.approve', paper));
    const end = random.pick(['count.post', 'count.post', 'count.cancel'] as const);
    return [...course, this.#act(end, paper)];
  }

  #transfer(paper: Paper): DocumentCommand[] {
    const random = this.#random;
    const { warehouses } = this.#shape;
    const to = random.pick(warehouses.filter((name) => name !== paper.warehouse));
    const there = { doc: paper.doc, warehouse: to, from: paper.warehouse };
    const lines = this.#lines(2, 3).map((line) =>
      random.chance(0.12) ? { ...line, lot: this.#lot() } : line,
    );
    const toWarehouse = to as DocumentCommand['warehouse'];
    const useSafety = random.chance(0.5);
    const course = [
      this.#act('transfer.place', paper, lines, { more: { toWarehouse, useSafety } }),
    ];
    if (random.chance(0.2)) {
      course.push(this.#act('transfer.cancel', paper, random.chance(0.5) ? [] : this.#part(lines)));
    }
    course.push(this.#act('transfer.dispatch', paper));
    for (let i = random.whole(1, 4); i > 0; i--) course.push(this.#unload(there, lines));
    if (random.chance(0.25))
      course.push(this.#act('transfer.receive', there, [], fromThere(there)));
    if (random.chance(0.6)) course.push(this.#act('transfer.close', there, [], fromThere(there)));
    if (random.chance(0.1)) course.push(this.#unload(there, lines));
    return course;
  }

  #unload(there: Bound, lines: readonly Ask[]): DocumentCommand {
    const random = this.#random;
    const quality = random.pick([undefined, undefined, 1] as const);
    const came = this.#part(lines).map((line) => ({
      ...line,
      ...(quality === undefined ? {} : { quality }),
      lot: random.chance(0.4) ? { location: this.#location() } : {},
    }));
    return this.#act('transfer.receive', there, random.chance(0.3) ? [] : came, fromThere(there));
  }

  #batch(paper: Paper): DocumentCommand[] {
    const random = this.#random;
    const name = random.pick(['batch.quarantine', 'batch.recall'] as const);
    const sku = random.pick(this.#shape.skus);
    const lines = [{ line: '1', sku, lot: { batch: this.#batchName() } }];
    const course = [this.#act(name, paper, lines)];
    return random.chance(0.5) ? [...course, this.#act('batch.release', paper)] : course;
  }

  #adjustment(paper: Paper): DocumentCommand[] {
    const random = this.#random;
    const lines = this.#lines(2, 1).map((line) => ({
      ...line,
      qty: 0,
      delta: -random.whole(1, 3),
    }));
    const said = { reason: 'damaged', more: { limit: random.pick([-1, 1]) } };
    const course = [this.#act('adjustment.propose', paper, lines, said)];
    const end = random.pick(['adjustment.approve', 'adjustment.reject'] as const);
    return random.chance(0.8) ? [...course, this.#act(end, paper)] : course;
  }

  #act(name: Act, paper: Paper, lines: readonly Ask[] = [], said: Said = {}): DocumentCommand {
    const step = this.#random.chance(NAMED) ? `s${this.#count++}` : '';
    return act(name, paper, lines, { step, ...said });
  }

  /** One to so many lines, each of up to so many units; some SKU may come twice. */
  #lines(most: number, units: number): (Ask & { readonly qty: number })[] {
    const random = this.#random;
    return Array.from({ length: random.whole(1, most) }, (_, i) => ({
      line: `${i + 1}`,
      sku: random.pick(this.#shape.skus),
      qty: random.whole(1, units),
    }));
  }

  /** At least one of them. */
  #some(lines: readonly Ask[]): Ask[] {
    const first = this.#random.whole(0, lines.length - 1);
    return lines.filter((_, i) => i === first || this.#random.chance(0.5));
  }

  /** Some of them, by name: a unit or two of each, or all there is to do. */
  #part(lines: readonly Ask[]): Ask[] {
    return this.#some(lines).map(({ line }) => ({ line, qty: this.#random.pick([0, 0, 1, 2]) }));
  }

  #lot = (): LotFilter =>
    this.#random.chance(0.5) ? { location: this.#location() } : { batch: this.#batchName() };
  #location = (): string => `A${this.#random.whole(1, 3)}`;
  #batchName = (): string => `L${this.#random.whole(1, 3)}`;
}
