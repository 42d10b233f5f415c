import { pack, unpack } from 'msgpackr';
import { expect } from 'vitest';
import {
  ACTS,
  type Act,
  BLANK_LINE,
  type DocumentCommand,
  type DocumentKind,
  type DocumentLine,
  type DocumentMore,
  documentKey,
  kindOf,
  NO_DOCUMENT_MORE,
} from '../../actors/documents/commands.ts';
import { type DocumentOutcome, Documents } from '../../actors/documents/documents.ts';
import { outgoing, toldCommand } from '../../actors/documents/outgoing.ts';
import type { DocumentState } from '../../actors/documents/states.ts';
import type { TransferState } from '../../actors/documents/transfer.ts';
import {
  type ActorKey,
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import { messageOf, type OutcomeCode, type Refused } from '../../actors/outcomes.ts';
import { get, noBalances, qualityView, RECEIVING, SHELF } from '../../actors/stock/balances.ts';
import {
  BLANK,
  type BlockReason,
  type More,
  NO_MORE,
  QUALITIES,
  type Quality,
  STOCK_OPS,
  type StockCommand,
  type StockOp,
} from '../../actors/stock/commands.ts';
import { faults } from '../../actors/stock/conserved.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';

/*
 * Documents and their stock told in words, steps divided by `·`:
 *
 *   receive MUG 10 · order.place O1 1:MUG*4 2:CUP*1 · is order O1 allocated · stock MUG available=6
 *
 * - A stock op: `op SKU units field=value…`; `adjust MUG -2`.
 * - An act: `act doc line… word… field=value…`. A line is `label:SKU*units`, with `@place`, `#batch`,
 *   `~quality`, `!failed`, `^seq`, `>place` (where to), `/serial` behind it, or `label*units` of a line
 *   that is there. Words are the flags of the act. `in=W2` is where, `by=owner` whose. `from=W3` is where a
 *   transfer that arrives there comes from, W1 unless told.
 * - `refused code words…` is said of the step before it, which changed nothing; the words are in its message.
 * - `again` is said of the step before it: it was done before. `is kind doc status`, `line kind doc label
 *   field=value…`, `doc kind doc field=value…` and `stock SKU figure=value…` look.
 * - `tell doc in=W1` has that leg of a transfer tell the other one; `tell doc in=W1 lost` loses the answer.
 */

const OWNER = 'demo' as OwnerId;
const NOW_MS = 1_700_000_000_000;

type Outcome = { readonly ok: true; readonly document?: DocumentOutcome } | Refused;

interface Where {
  readonly owner: OwnerId;
  readonly warehouse: WarehouseId;
  /** Where a transfer comes from; where it is sent, that warehouse itself. */
  readonly from: WarehouseId;
}

/** One shard: stock and documents, with a second set of documents that only replays. */
export class Floor {
  readonly documents = new Documents();
  readonly room = new Stockroom(this.documents.catalogue);
  readonly #replayed = new Documents();
  nowMs = NOW_MS;
  #before = '';
  #outcome: Outcome = { ok: true };

  walk(steps: string): void {
    for (const step of steps.split('·')) this.#step(step.trim().split(/\s+/));
    this.#expectAccepted('the end');
  }

  /** Runs a command that was made, checks what must always hold, and tells what came of it. */
  run(command: DocumentCommand): DocumentOutcome | Refused {
    this.nowMs += 1_000;
    this.#before = this.picture();
    const outcome = this.documents.run(command, this.room, this.nowMs);
    this.#sound();
    if (!outcome.ok) {
      expect(this.picture()).toBe(this.#before);
      return outcome;
    }
    const { event } = outcome.document;
    if (event === undefined) return outcome;
    const packed = unpack(pack(event));
    expect(packed).toEqual(event);
    const { key, seq } = outcome.document;
    const replayed = this.#replayed.replay({ key, seq, event: packed });
    expect(replayed).toEqual(this.documents.get(key));
    expect(unpack(pack(replayed))).toEqual(replayed);
    return outcome;
  }

  state(kind: DocumentKind, doc: string, where: Partial<Where> = {}): DocumentState {
    const { owner, warehouse, from } = { ...HERE, ...where };
    const of = kind === 'transfer' ? from : '';
    const state = this.documents.get(documentKey(owner, kind, doc, warehouse, of));
    return state ?? expect.fail(`no ${kind} ${doc}`);
  }

  /** All stock and documents, as text. */
  picture(): string {
    const stock = [...this.room.entries()].map(([key, s]) => [
      key,
      s.seq,
      s.b,
      [...(s.holds ?? [])],
    ]);
    return JSON.stringify([stock, [...this.documents.entries()]]);
  }

  #sound(): void {
    for (const [key, state] of this.room.entries()) expect([key, faults(state)]).toEqual([key, []]);
  }

  #step([verb = '', ...words]: string[]): void {
    if (verb === 'refused') return this.#expectRefused(words);
    this.#expectAccepted(`${verb} ${words.join(' ')}`);
    if (verb === 'again') expect(this.#outcome).toMatchObject({ document: { again: true } });
    else if (verb === 'is') this.#expectStatus(words);
    else if (verb === 'line') this.#expectLine(words);
    else if (verb === 'doc') this.#expectDocument(words);
    else if (verb === 'stock') this.#expectStock(words);
    else if (verb === 'tell') this.#tell(words);
    else if (isOneOf(ACTS, verb)) this.#act(verb, words);
    else if (isOneOf(STOCK_OPS, verb)) this.#stock(verb, words);
    else expect.fail(`no such step: ${verb}`);
  }

  #act(act: Act, words: readonly string[]): void {
    this.#outcome = this.#outcomeOf(commandOf(act, words));
  }

  /** What a leg of a transfer has to tell is told its other end, and marked as told unless it was `lost`. */
  #tell([doc = '', ...rest]: readonly string[]): void {
    const state = this.state('transfer', doc, whereOf(fieldsOf(rest)));
    const command = outgoing(state);
    if (command === undefined) return expect.fail(`${doc} has nothing to tell`);
    this.#outcome = this.#outcomeOf(command);
    if (!this.#outcome.ok || rest.includes('lost')) return;
    this.#outcome = this.#outcomeOf(toldCommand(state as TransferState, command.step));
  }

  #outcomeOf(command: DocumentCommand): Outcome {
    const outcome = this.run(command);
    return outcome.ok ? { ok: true, document: outcome } : outcome;
  }

  #stock(op: StockOp, words: readonly string[]): void {
    this.#before = this.picture();
    const outcome = this.room.run(stockCommand(op, words), this.nowMs);
    this.#outcome = outcome.ok ? { ok: true } : outcome;
    this.#sound();
  }

  #expectAccepted(next: string): void {
    const was = this.#outcome;
    if (!was.ok) expect.fail(`before "${next}": ${was.code} at ${was.line}: ${messageOf(was)}`);
  }

  #expectRefused([code, ...words]: string[]): void {
    const was = this.#outcome;
    if (was.ok) expect.fail(`was done, not refused as ${code}`);
    const wanted = { code: code as OutcomeCode, message: expect.stringContaining(words.join(' ')) };
    expect({ code: was.code, message: messageOf(was) }).toEqual(wanted);
    expect(this.picture()).toBe(this.#before);
    this.#outcome = { ok: true };
  }

  #expectStatus([kind, doc = '', ...rest]: string[]): void {
    const where = whereOf(fieldsOf(rest.filter((w) => w.includes('='))));
    const status = rest.filter((w) => !w.includes('=')).join(' ');
    expect(this.state(kind as DocumentKind, doc, where).status).toBe(status);
  }

  #expectLine([kind, doc = '', label, ...rest]: string[]): void {
    const fields = fieldsOf(rest);
    const { lines } = this.state(kind as DocumentKind, doc, whereOf(fields));
    const found = (lines as readonly { readonly line: string }[]).find((l) => l.line === label);
    expect(found).toMatchObject(said(fields));
  }

  #expectDocument([kind, doc = '', ...rest]: string[]): void {
    const fields = fieldsOf(rest);
    expect(this.state(kind as DocumentKind, doc, whereOf(fields))).toMatchObject(said(fields));
  }

  #expectStock([sku = '', ...rest]: string[]): void {
    const fields = fieldsOf(rest);
    const { owner, warehouse } = whereOf(fields);
    const b = this.room.get(actorKey(owner, sku as SkuId, warehouse))?.b ?? noBalances();
    for (const [name, value] of Object.entries(said(fields))) {
      const [figure, quality] = name.split('.').reverse() as [string, string?];
      const q = (quality === undefined ? 0 : QUALITIES.indexOf(quality as 'pending')) as Quality;
      const view: Record<string, number> = {
        ...qualityView(b, q),
        shelf: get(b, q, SHELF),
        receiving: get(b, q, RECEIVING),
      };
      expect([name, view[figure]]).toEqual([name, value]);
    }
  }
}

const W1 = 'W1' as WarehouseId;
const HERE: Where = { owner: OWNER, warehouse: W1, from: W1 };

type Fields = Record<string, string>;

const fieldsOf = (words: readonly string[]): Fields =>
  Object.fromEntries(words.map((word) => word.split('=') as [string, string]));

const whereOf = ({ in: warehouse, by: owner, from }: Fields): Where => ({
  owner: (owner ?? OWNER) as OwnerId,
  warehouse: (warehouse ?? W1) as WarehouseId,
  from: (from ?? W1) as WarehouseId,
});

const value = (text: string): number | string | boolean => {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : text;
};

const said = ({ in: _in, by: _by, from: _from, ...rest }: Fields): Record<string, unknown> =>
  Object.fromEntries(Object.entries(rest).map(([name, text]) => [name, value(text)]));

function isOneOf<T extends string>(all: readonly T[], word: string): word is T {
  return (all as readonly string[]).includes(word);
}

/** A command in words, as {@link Floor.walk} reads them. */
export function commandOf(act: Act, [doc = '', ...words]: readonly string[]): DocumentCommand {
  const isLine = (w: string): boolean => /^[^=]+\*\d/.test(w) || /^[^=]+:/.test(w);
  const fields = fieldsOf(words.filter((w) => !isLine(w) && w.includes('=')));
  const { step, reason, cartons, late, ...rest } = fields;
  const where = whereOf(fields);
  const arrives = ['transfer.receive', 'transfer.close'].includes(act);
  const flags = words.filter((w) => !isLine(w) && !w.includes('='));
  const more: DocumentMore = {
    ...NO_DOCUMENT_MORE,
    ...(said(rest) as Partial<DocumentMore>),
    ...Object.fromEntries(flags.map((flag) => [flag, true])),
    cartons: cartons?.split(',') ?? [],
  };
  for (const name of Object.keys(more)) {
    if (!(name in NO_DOCUMENT_MORE)) expect.fail(`${name} is no field of an act`);
  }
  return {
    ...{ op: 'document', act, key: keyOfAct(act, doc, where, arrives) },
    ...{
      owner: where.owner,
      warehouse: where.warehouse,
      doc,
      lines: words.filter(isLine).map((w) => lineOf(w, where)),
    },
    ...{ step: step ?? '', reason: reason ?? '', more },
    occurredAtMs: late === undefined ? 0 : NOW_MS + Number(late),
  };
}

const keyOfAct = (act: Act, doc: string, { owner, warehouse, from }: Where, arrives: boolean) =>
  documentKey(owner, kindOf(act), doc, warehouse, arrives ? from : '');

const LINE = /^(?<line>[^:*]+)(?::(?<sku>[^*@#~!^>/]+))?(?:\*(?<qty>-?\d+))?(?<rest>.*)$/;

function lineOf(
  word: string,
  { owner, warehouse }: Pick<Where, 'owner' | 'warehouse'>,
): DocumentLine {
  const { line = '', sku = '', qty = '0', rest = '' } = LINE.exec(word)?.groups ?? {};
  const mark = (sign: string): string | undefined =>
    new RegExp(`\\${sign}([^@#~!^>/]+)`).exec(rest)?.[1];
  const [location, batch, quality, to] = [mark('@'), mark('#'), mark('~'), mark('>')];
  const units = Number(qty);
  return {
    ...BLANK_LINE,
    ...{ line, sku: sku as SkuId, key: actorKey(owner, sku as SkuId, warehouse) },
    qty: Math.max(0, units),
    delta: units,
    quality: quality === undefined ? 0 : (QUALITIES.indexOf(quality as 'pending') as Quality),
    failed: Number(mark('!') ?? 0),
    seq: Number(mark('^') ?? 0),
    lot: { ...(location && { location }), ...(batch && { batch }) },
    to: to === undefined ? {} : { location: to },
    serials: [...rest.matchAll(/\/([^@#~!^>/]+)/g)].map(([, serial]) => serial as string),
  };
}

function stockCommand(op: StockOp, [name, units = '0', ...words]: readonly string[]): StockCommand {
  const fields = fieldsOf(words);
  const { owner, warehouse } = whereOf(fields);
  const sku = name as SkuId;
  const { hold, quality, why, location, batch, to } = fields;
  const lot: More['lot'] = { ...(location && { location }), ...(batch && { batch }) };
  return {
    ...{ ...BLANK, op, key: actorKey(owner, sku, warehouse), owner, sku, warehouse },
    ...(op === 'adjust' ? { delta: Number(units) } : { qty: Number(units) }),
    hold: (hold ?? '') as HoldId,
    quality: quality === undefined ? 0 : (QUALITIES.indexOf(quality as 'pending') as Quality),
    more: {
      ...NO_MORE,
      ...{ why: (why ?? '') as BlockReason, lot },
      to: to === undefined ? {} : { location: to },
    },
  };
}

export const keyOf = (sku: string, warehouse = 'W1'): ActorKey =>
  actorKey(OWNER, sku as SkuId, warehouse as WarehouseId);
