import { type ActorKey, actorKey, type OwnerId, type SkuId, type WarehouseId } from '../ids.ts';
import { type Refused, refuse } from '../outcomes.ts';
import type { StockCommand } from '../stock/commands.ts';
import type { Fit } from '../stock/fit.ts';
import type { ItemFacts } from './facts.ts';
import { plainCode } from './gtin.ts';
import { fitted } from './rules.ts';

/** What a code may stand for. */
export interface Candidate {
  readonly sku: SkuId;
  /** Pieces in the closed box that has this code; 0 where a unit has it. */
  readonly box: number;
  /** The marketplace's label that the code is; '' for another code. */
  readonly fnsku: string;
}

export interface ItemName {
  readonly owner: OwnerId;
  readonly sku: SkuId;
  readonly warehouse: WarehouseId;
}

/**
 * All items of a shard by what is printed on them, and what has to be minded of each.
 * Derived from their documents, so never stored.
 */
export class Catalogue implements Fit {
  readonly #facts = new Map<ActorKey, ItemFacts>();
  /** By owner, warehouse and code. */
  readonly #byCode = new Map<string, readonly Candidate[]>();

  get size(): number {
    return this.#facts.size;
  }

  facts(key: ActorKey): ItemFacts | undefined {
    return this.#facts.get(key);
  }

  /** An item is so from now on. Looks at its own codes only. */
  set(name: ItemName, facts: ItemFacts): void {
    const key = actorKey(name.owner, name.sku, name.warehouse);
    const old = this.#facts.get(key);
    if (old !== undefined) for (const code of codesOf(name.sku, old)) this.#drop(name, code);
    this.#facts.set(key, facts);
    for (const code of codesOf(name.sku, facts)) this.#add(name, code);
  }

  /** What a code stands for at this owner in this warehouse. */
  find(owner: OwnerId, warehouse: WarehouseId, code: string): readonly Candidate[] {
    return this.#byCode.get(codeKey(owner, warehouse, code)) ?? [];
  }

  fit(command: StockCommand): StockCommand | Refused {
    const { op } = command;
    if (op !== 'receive' && op !== 'pick') return command;
    const facts = this.#facts.get(command.key);
    return facts === undefined ? command : fitted(facts, command);
  }

  #add({ owner, warehouse }: ItemName, [code, candidate]: Coded): void {
    const key = codeKey(owner, warehouse, code);
    const there = this.#byCode.get(key) ?? [];
    if (there.some((one) => isSame(one, candidate))) return;
    this.#byCode.set(key, [...there, candidate].sort(bySku));
  }

  #drop({ owner, warehouse }: ItemName, [code, candidate]: Coded): void {
    const key = codeKey(owner, warehouse, code);
    const left = (this.#byCode.get(key) ?? []).filter((one) => !isSame(one, candidate));
    if (left.length === 0) this.#byCode.delete(key);
    else this.#byCode.set(key, left);
  }
}

type Coded = readonly [code: string, candidate: Candidate];

/** An item answers to its SKU too. */
function* codesOf(sku: SkuId, { boxes, fnskus, barcodes }: ItemFacts): Iterable<Coded> {
  const unit = { sku, box: 0, fnsku: '' };
  yield [sku, unit];
  for (const code of barcodes) yield [code, unit];
  for (const fnsku of fnskus) yield [fnsku, { ...unit, fnsku }];
  for (const { code, pieces } of boxes) yield [code, { ...unit, box: pieces }];
}

/** Neither an owner nor a warehouse has a `/` or an `@`. */
const codeKey = (owner: OwnerId, warehouse: WarehouseId, code: string): string =>
  `${owner}@${warehouse}/${plainCode(code)}`;

const isSame = (a: Candidate, b: Candidate): boolean =>
  a.sku === b.sku && a.box === b.box && a.fnsku === b.fnsku;

/** Whatever the order in which items were set, candidates are told in the same one. */
const bySku = (a: Candidate, b: Candidate): number =>
  a.sku === b.sku ? a.box - b.box || (a.fnsku < b.fnsku ? -1 : 1) : a.sku < b.sku ? -1 : 1;

/** A code that one thing only has, of that SKU where one is named. */
export function theOne(
  found: readonly Candidate[],
  code: string,
  sku: SkuId | '',
): Candidate | Refused {
  const meant = sku === '' ? found : found.filter((one) => one.sku === sku);
  const [first] = meant;
  if (first === undefined) return refuse('unknown_code', 0, -1, code);
  return meant.length === 1 ? first : refuse('ambiguous_code', 0, -1, namesOf(meant));
}

/** So many are named, of which a person may choose one. */
const NAMED = 5;

function namesOf(candidates: readonly Candidate[]): string {
  const names = candidates.slice(0, NAMED).map(nameOf);
  return candidates.length > NAMED ? `${names.join(', ')} …` : names.join(', ');
}

const nameOf = ({ sku, box, fnsku }: Candidate): string =>
  [sku, box === 0 ? '' : `box of ${box}`, fnsku].filter((word) => word !== '').join(' ');
