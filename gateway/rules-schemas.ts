import { z } from 'zod';
import { CODES } from '../actors/outcomes.ts';
import { LIMITS } from '../engine/limits.ts';
import { Level, Name, Text } from './field-schemas.ts';

/** Names from the top of the rules, `/` between them. */
const Path = z.string().min(1).max(512);
const owner = Name.optional();

/** No rule goes so deep by far; what does is refused before anything looks into it, level by level. */
const MOST_LEVELS = 16;
const TOO_DEEP = `${MOST_LEVELS} levels at most`;
function isShallow(value: unknown): boolean {
  let level = [value];
  for (let i = 0; i <= MOST_LEVELS; i++) {
    level = level.flatMap((v) => (typeof v === 'object' && v !== null ? Object.values(v) : []));
    if (level.length === 0) return true;
  }
  return false;
}

const set = {
  op: z.literal('set'),
  path: Path,
  value: z
    .unknown()
    .refine((v) => v !== undefined, 'what it is set to')
    .refine(isShallow, TOO_DEEP),
};
const remove = { op: z.literal('delete'), path: Path };
/** A merge patch (RFC 7396): what it names is set, null deletes. */
const merge = {
  op: z.literal('merge'),
  patch: z.record(z.string(), z.unknown()).refine(isShallow, TOO_DEEP),
};

/** One step of an edit. */
export const RulesEdit = z.discriminatedUnion('op', [
  z.strictObject(set),
  z.strictObject(remove),
  z.strictObject(merge),
]);
const Edits = z.array(RulesEdit).min(1).max(LIMITS.documentLines);

const Cells = z.record(z.string().regex(/^(?:stock|presale|oversell)\/.+$/), Level);

/** How it stands with the goods of a SKU in a warehouse: what a dry run goes by. */
export const RulesFigures = z.strictObject({
  sku: Text,
  warehouse: Name,
  /** That can be sold, safety stock included. */
  stock: Level,
  /** Announced, and not promised to anybody. */
  transit: Level.optional(),
  /** Promised with nothing behind them. */
  oversold: Level.optional(),
  /** Unsold rights that are out, by pool. */
  out: Cells.optional(),
  /** Sold since the window began, by pool. */
  sold: Cells.optional(),
});

/** What a person asks of the rules of an owner. */
export const RulesRequest = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('show'), owner, path: Path.optional() }),
  z.strictObject({ op: z.literal('history'), owner, limit: z.int().min(1).max(1_000).optional() }),
  /** Without edits: what is wrong now. */
  z.strictObject({ op: z.literal('check'), owner, edits: Edits.optional() }),
  z.strictObject({
    op: z.literal('dry-run'),
    owner,
    edits: Edits,
    figures: z.array(RulesFigures).min(1).max(LIMITS.allLines),
  }),
  z.strictObject({ ...set, owner }),
  z.strictObject({ ...remove, owner }),
  z.strictObject({ ...merge, owner }),
  /** Several steps that are one change. */
  z.strictObject({ op: z.literal('edit'), owner, edits: Edits }),
]);

const Problem = z.object({ path: z.string(), what: z.string(), todo: z.string() });

/** What became of it; which fields there are goes by the op. */
export const RulesTold = z.object({
  ok: z.literal(true),
  owner: Name,
  /** Of the rules as they are now: the same wherever they are the same. */
  version: z.string().optional(),
  /** `show`. */
  rules: z.unknown().optional(),
  /** `show`, `check`: what was invalid together, or met in one place, and what holds. */
  settled: z.array(Problem.extend({ done: z.string() })).optional(),
  /** `check`: why edits would be refused. */
  problems: z.array(Problem).optional(),
  /** `history`: the newest first. */
  history: z
    .array(
      z.object({ hash: z.string(), who: z.string(), atMs: z.int(), what: z.array(z.unknown()) }),
    )
    .optional(),
  /** `dry-run`: base units of every pool. */
  effects: z
    .array(z.object({ sku: Text, warehouse: Name, pool: z.string(), before: Level, after: Level }))
    .optional(),
});

/** A refusal; of an edit, with all that is wrong with it. */
export const RulesRefused = z.object({
  ok: z.literal(false),
  code: z.enum(CODES),
  message: z.string(),
  retry: z.boolean(),
  problems: z.array(Problem).optional(),
});
