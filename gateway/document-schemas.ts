import { z } from 'zod';
import {
  ACTS,
  type Act,
  type DocumentKind,
  isDocId,
  isLineLabel,
  kindOf,
} from '../actors/documents/commands.ts';
import { PICK_POLICIES } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import { Code, Name, Step, Text } from './field-schemas.ts';
import { TaskId } from './task-schemas.ts';

/**
 * Acts on documents, as they cross the edge. Unlike scans they are checked by these
 * schemas themselves: there are few of them, and each moves much.
 */

/** What the two ends of a transfer tell each other is theirs alone. */
const INNER: readonly Act[] = ['transfer.expect', 'transfer.settle', 'transfer.told'];

/** These have fields of their own: see item-schemas.ts, task-schemas.ts. */
const isOther = (act: Act): boolean => ['item', 'task'].includes(kindOf(act));
const OTHERS = ACTS.filter(isOther);

export const EDGE_ACTS = ACTS.filter((act) => !INNER.includes(act) && !isOther(act));
export const KINDS = [...new Set(EDGE_ACTS.map(kindOf))] as readonly DocumentKind[];
export const READ_ACTS = KINDS.map((kind) => `${kind}.read` as const);

export const isAct = (op: unknown): op is Act => ACTS_BY_NAME.has(op);
export const isReadAct = (op: unknown): op is (typeof READ_ACTS)[number] => READS_BY_NAME.has(op);

const ACTS_BY_NAME: ReadonlySet<unknown> = new Set([...EDGE_ACTS, ...OTHERS]);
const READS_BY_NAME: ReadonlySet<unknown> = new Set([...READ_ACTS, 'item.read']);

export const DocId = z
  .string()
  .refine(isDocId, '1 to 40 printable characters')
  .meta({
    ...{ minLength: 1, maxLength: 40 },
  });
const LineLabel = z
  .string()
  .refine(isLineLabel, '1 to 16 printable characters without / and +')
  .meta({ minLength: 1, maxLength: 16 });
const Whole = z.int().min(0);

/** One line; what an act does not use is checked all the same. */
export const DocumentLineFields = Step.pick({
  ...{ delta: true, quality: true, toQuality: true, serials: true, policy: true },
  ...{ location: true, container: true, batch: true, box: true, fnsku: true },
  ...{ toLocation: true, toContainer: true, toBox: true, toFnsku: true },
  ...{ startAt: true, expiresAt: true, sellUntil: true },
}).extend({
  /** Left out: its place, from 1. */
  line: LineLabel.optional(),
  /** May be left out where the line is in the document already. */
  sku: Text.optional(),
  /** What was scanned, instead of `sku`. */
  code: Code.optional(),
  /** Base units; left out: all there is to do. `count.line` needs it. */
  qty: Whole.optional(),
  /** `inspection.result`: units that failed. */
  failed: Whole.optional(),
  /** `count.line`: the sequence of the stock that the counter saw. */
  seq: Whole.optional(),
  /** `asn.measure`: length, width and height of a unit, mm. */
  size: z.array(Whole).length(3).optional(),
  /** `asn.measure`: of a unit, g. */
  weight: Whole.optional(),
});

const DocumentHead = z.object({
  doc: DocId,
  owner: Name.optional(),
  warehouse: Name.optional(),
});

/** `op` names the kind of document and the act: `order.place`. */
export const DocumentCommand = DocumentHead.extend({
  op: z.enum(EDGE_ACTS as [Act, ...Act[]]),
  lines: z.array(DocumentLineFields).max(LIMITS.documentLines).optional(),
  /** Names the act, so that it is done once however often it is sent. */
  step: Text.optional(),
  reason: Text.optional(),
  occurredAt: z.int().min(1).optional(),
  partial: z.boolean().optional(),
  backorder: z.boolean().optional(),
  useSafety: z.boolean().optional(),
  untilPutaway: z.boolean().optional(),
  blind: z.boolean().optional(),
  priority: z.int().min(0).max(1_000).optional(),
  wave: Text.optional(),
  policy: z.enum(PICK_POLICIES).optional(),
  container: Text.optional(),
  carton: Text.optional(),
  cartons: z.array(Text).max(LIMITS.documentLines).optional(),
  carrier: Text.optional(),
  tracking: Text.optional(),
  toWarehouse: Name.optional(),
  /** `transfer.receive`, `transfer.close`: which sender's number it is. */
  fromWarehouse: Name.optional(),
  toOwner: Name.optional(),
  /** Percent of a line that may come beyond what was announced. */
  tolerance: z.int().min(0).max(100).optional(),
  /** Units up to which nobody need approve. */
  limit: Whole.optional(),
  /** Percent of a lot to look at; left out: by the sampling plan. */
  percent: z.int().min(0).max(100).optional(),
  hold: Text.optional(),
  /** `order.place`: the virtual warehouse that its units come from. */
  pool: DocId.optional(),
  /** Supplier or customer. */
  partner: Text.optional(),
  /** The task that this is a step of; the reply has the next one. */
  task: TaskId.optional(),
});

/** Asks what a document is like: `order.read`. */
export const ReadDocument = DocumentHead.extend({
  op: z.enum(READ_ACTS as [(typeof READ_ACTS)[number], ...(typeof READ_ACTS)[number][]]),
  read: z.enum(['strict', 'lease']).optional(),
  /** `transfer.read` where it arrives. */
  fromWarehouse: Name.optional(),
});
