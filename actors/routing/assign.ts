import { type Candidate, type Instance, KM } from './instance.ts';
import { type Assignment, type Parcel, TERMS, type Term, type TermName } from './types.ts';

/** Units of one line that one candidate sends. */
export interface Share {
  readonly candidate: number;
  readonly line: number;
  readonly qty: number;
}

/**
 * Each line from the chosen candidate where a unit of it costs least, ties by name; one that is divided from the
 * cheapest first. Undefined where they have too little.
 */
export function sharesOf(instance: Instance, chosen: readonly number[]): Share[] | undefined {
  const { order, units, unitCost, isDivided, candidates } = instance;
  const { lines } = order;
  const shares: Share[] = [];
  for (const [line, { qty }] of lines.entries()) {
    const at = (s: number): number => s * lines.length + line;
    const cheapest = [...chosen]
      .filter((s) => (units[at(s)] as number) >= (isDivided[line] ? 1 : qty))
      .sort(
        (a, b) =>
          (unitCost[at(a)] as number) - (unitCost[at(b)] as number) ||
          byName(candidates[a] as Candidate, candidates[b] as Candidate),
      );
    let left = qty;
    for (const candidate of cheapest) {
      const some = Math.min(left, units[at(candidate)] as number);
      shares.push({ candidate, line, qty: some });
      left -= some;
      if (left === 0) break;
    }
    if (left > 0) return undefined;
  }
  return shares;
}

const byName = (a: Candidate, b: Candidate): number => (a.site.name < b.site.name ? -1 : 1);

/** What shares come to: parcels, and every term of the score. */
export function assignmentOf(instance: Instance, shares: readonly Share[]): Assignment {
  const { candidates } = instance;
  const used = [...new Set(shares.map(({ candidate }) => candidate))]
    .sort((a, b) => byName(candidates[a] as Candidate, candidates[b] as Candidate))
    .map((s) => [s, candidates[s] as Candidate] as const);
  const parcels = used.map(([s, { site, km, promiseAtMs }]): Parcel => {
    const its = shares.filter(({ candidate }) => candidate === s);
    const lines = its.map(({ line, qty }) => ({ line, sku: skuOf(instance, line), qty }));
    return { warehouse: site.name, km, promiseAtMs, lines };
  });
  const chosen = used.map(([, candidate]) => candidate);
  const terms = termsOf(instance, chosen, shares);
  const score = TERMS.reduce((sum, name) => sum + terms[name].score, 0);
  const promiseAtMs = Math.max(...parcels.map((parcel) => parcel.promiseAtMs));
  return { score, terms, parcels, promiseAtMs };
}

const skuOf = ({ order }: Instance, line: number): string =>
  (order.lines[line] as Instance['order']['lines'][number]).sku;

function termsOf(
  { policy, candidates, younger, ordered, order }: Instance,
  chosen: readonly Candidate[],
  shares: readonly Share[],
): Record<TermName, Term> {
  const sum = (of: (one: Candidate) => number): number =>
    chosen.reduce((total, one) => total + of(one), 0);
  let [handling, youth] = [0, 0];
  for (const { candidate, line, qty } of shares) {
    handling += qty * (candidates[candidate] as Candidate).site.costPerUnit;
    youth += qty * (younger[candidate * order.lines.length + line] as number);
  }
  const raw: Record<TermName, number> = {
    distance: sum(({ countedKm }) => countedKm),
    cost: sum(({ site, countedKm }) => site.costPerOrder + site.costPerKm * countedKm) + handling,
    split: chosen.length - 1,
    capacity: sum(({ load }) => load),
    age: youth / ordered,
    promise: Math.max(...chosen.map(({ days }) => days)),
  };
  const { weights } = policy;
  const term = (name: TermName): Term => {
    const unit = name === 'distance' ? KM : 1;
    return { raw: raw[name], score: (weights[name] * raw[name]) / unit };
  };
  return {
    ...{ distance: term('distance'), cost: term('cost'), split: term('split') },
    ...{ capacity: term('capacity'), age: term('age'), promise: term('promise') },
  };
}
