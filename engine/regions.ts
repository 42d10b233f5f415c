import { StartError } from './errors.ts';

/** The region beside the centre, which the others are linked to. */
export const HUB = 'hub';

/**
 * By region, the warehouses that are its own beyond those of its name: exact
 * names, or the beginning of names with a `*` at the end.
 */
export type Places = Readonly<Record<string, readonly string[]>>;

interface Pattern {
  readonly region: string;
  readonly text: string;
  /** What a name begins with; undefined where it has to be `text` itself. */
  readonly beginning: string | undefined;
}

const REGION = /^[A-Za-z0-9_-]{1,32}$/;
const PLACE = /^(?:[A-Za-z0-9_-]{1,32}|[A-Za-z0-9_-]{1,31}\*)$/;

/**
 * Which warehouse belongs to which region: one whose name begins with the
 * region's name and a hyphen (`eu-berlin`), or one that is named in {@link Places}.
 * No name can be of two regions: patterns that share one are refused.
 */
export class Regions {
  readonly names: readonly string[];
  readonly places: Places;
  readonly #exact = new Map<string, string>();
  readonly #beginnings: readonly (Pattern & { readonly beginning: string })[];

  /** Throws {@link StartError} for names or places that cannot be. */
  constructor(names: readonly string[], places: Places = {}) {
    for (const name of names) {
      if (!REGION.test(name)) {
        throw new StartError(`${name} is no region: 1–32 of A–Z a–z 0–9 _ -`);
      }
    }
    if (new Set(names).size < names.length) {
      throw new StartError(`a region is named twice: ${names.join(', ')}`);
    }
    this.names = [...names];
    this.places = places;
    const patterns = [...names.map(byName), ...patternsOf(places, names)];
    refuseShared(patterns);
    for (const { text, region, beginning } of patterns) {
      if (beginning === undefined) this.#exact.set(text, region);
    }
    this.#beginnings = patterns.flatMap((p) =>
      p.beginning === undefined ? [] : [{ ...p, beginning: p.beginning }],
    );
  }

  /** All but the hub. */
  get linked(): readonly string[] {
    return this.names.filter((name) => name !== HUB);
  }

  /** The region that has the warehouse; undefined where none has. */
  regionOf(warehouse: string): string | undefined {
    const exact = this.#exact.get(warehouse);
    if (exact !== undefined) return exact;
    return this.#beginnings.find((p) => warehouse.startsWith(p.beginning))?.region;
  }
}

/** Reads the content of a file of places. Throws {@link StartError}, which does not name the file. */
export function readPlaces(text: string): Places {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch (e) {
    throw new StartError(`it is no JSON: ${(e as Error).message}`);
  }
  const isList = (v: unknown): boolean =>
    Array.isArray(v) && v.every((one) => typeof one === 'string');
  if (typeof said !== 'object' || said === null || Array.isArray(said)) {
    throw new StartError('it is no object of regions and their warehouses');
  }
  for (const [region, list] of Object.entries(said)) {
    if (!isList(list)) throw new StartError(`the warehouses of ${region} are no list of names`);
  }
  return said as Places;
}

const byName = (region: string): Pattern => ({
  region,
  text: `${region}-*`,
  beginning: `${region}-`,
});

function patternsOf(places: Places, names: readonly string[]): Pattern[] {
  return Object.entries(places).flatMap(([region, list]) => {
    if (!names.includes(region)) {
      throw new StartError(`places are told for ${region}, which is none of ${names.join(', ')}`);
    }
    return list.map((text) => {
      if (!PLACE.test(text)) {
        throw new StartError(
          `${text}, in the places of ${region}, is no warehouse: 1–32 of A–Z a–z 0–9 _ -, or a beginning with * after it`,
        );
      }
      const beginning = text.endsWith('*') ? text.slice(0, -1) : undefined;
      return { region, text, beginning };
    });
  });
}

function refuseShared(patterns: readonly Pattern[]): void {
  for (const [i, a] of patterns.entries()) {
    const b = patterns.slice(i + 1).find((p) => p.region !== a.region && isShared(a, p));
    if (b === undefined) continue;
    throw new StartError(
      `a warehouse would be of two regions: ${a.text} of ${a.region}, and ${b.text} of ${b.region}`,
    );
  }
}

function isShared(a: Pattern, b: Pattern): boolean {
  if (a.beginning === undefined && b.beginning === undefined) return a.text === b.text;
  if (a.beginning === undefined) return a.text.startsWith(b.beginning as string);
  if (b.beginning === undefined) return b.text.startsWith(a.beginning);
  return a.beginning.startsWith(b.beginning) || b.beginning.startsWith(a.beginning);
}
