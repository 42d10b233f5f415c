import { z } from 'zod';
import { CODES } from '../actors/outcomes.ts';
import { BLOCK_REASONS } from '../actors/stock/commands.ts';
import { LIMITS } from '../engine/limits.ts';
import { DocumentCommand, DocumentLineFields, ReadDocument } from './document-schemas.ts';
import {
  Box,
  Code,
  Delta,
  HoldName,
  Level,
  Name,
  Qty,
  Quality,
  Serials,
  Step,
  Text,
  TextOrNone,
  TtlMs,
} from './field-schemas.ts';
import { ItemCommand, ReadItem } from './item-schemas.ts';
import { LOT_FIELDS, TO_FIELDS } from './lots.ts';
import { MORE_FIELDS } from './more.ts';
import { Route, RouteCommand, RouteDone, RouteTo } from './route-schemas.ts';
import { RulesEdit, RulesFigures, RulesRefused, RulesRequest, RulesTold } from './rules-schemas.ts';
import { OrderLine, SaleDone, SellCommand } from './sell-schemas.ts';
import { Task, TaskCommand } from './task-schemas.ts';

/**
 * What crosses the edge, one schema each. docs/asyncapi.yaml is generated from
 * the registry at the end. The way of a scan does not pass here but through the
 * hand-written checks of commands.ts, which a property test holds equal to these.
 */

const ON_HOLDS = [
  ...(['harden', 'release', 'pick', 'pack', 'ship', 'cancel', 'unpick', 'unpack'] as const),
] as const;

/** What each op cannot do without. */
const Needs = z.discriminatedUnion('op', [
  z.object({ op: z.enum(['receive', 'unreceive']), qty: Qty }),
  z.object({ op: z.enum(['reserve', 'short']), hold: HoldName, qty: Qty }),
  z.object({ op: z.literal('extend'), hold: HoldName, ttlMs: TtlMs }),
  z.object({ op: z.enum(ON_HOLDS), hold: HoldName }),
  z.object({ op: z.literal('putback') }),
  z.object({ op: z.literal('adjust'), delta: Delta, reason: Text }),
  z.object({ op: z.enum(['announce', 'withdraw']), qty: Qty }),
  z.object({ op: z.enum(['block', 'unblock']), why: z.enum(BLOCK_REASONS) }),
  z.object({ op: z.literal('requality'), qty: Qty, toQuality: Quality }),
  z.object({ op: z.literal('safety'), level: Level }),
  z.object({ op: z.literal('move'), qty: Qty }),
]);

const NAMING = ['serials', ...LOT_FIELDS] as const;
const namesUnits = (v: z.infer<typeof Step>): boolean =>
  NAMING.some((name) => v[name] !== undefined);

export const StockCommand = z
  .intersection(Step, Needs)
  .refine((v) => (v.arrived ?? 0) <= (v.qty ?? Number.MAX_SAFE_INTEGER), 'arrived: at most qty')
  .refine(
    (v) => v.op !== 'requality' || v.toQuality !== (v.quality ?? 'qualified'),
    'toQuality: another than quality',
  )
  .refine((v) => v.op !== 'move' || TO_FIELDS.some((name) => v[name] !== undefined), 'move: where')
  .refine((v) => v.op !== 'block' || v.qty !== undefined || namesUnits(v), 'block: what')
  .refine((v) => {
    const units = v.op === 'adjust' ? Math.abs(v.delta) : v.qty;
    return (v.serials?.length ?? units) === (units ?? v.serials?.length);
  }, 'serials: one for each unit')
  .refine(
    (v) => (v.batch ?? '') !== '' || !(v.startAt ?? v.expiresAt ?? v.sellUntil),
    'dates: only with a batch',
  )
  .refine((v) => (v.sellUntil ?? 0) <= (v.expiresAt ?? 0), 'sellUntil: no later than expiresAt')
  .refine((v) => (v.startAt ?? 0) <= (v.expiresAt ?? Number.MAX_SAFE_INTEGER), 'startAt: no later')
  .refine(
    (v) => !v.backorder || (!v.partial && !namesUnits(v)),
    'backorder: neither with partial nor for units that are named',
  );

const AllFields = z.object({
  op: z.literal('all'),
  owner: Name.optional(),
  warehouse: Name.optional(),
  commands: z.array(StockCommand).min(1).max(LIMITS.allLines),
});

/** All lines are of one warehouse. */
export const AllCommand = AllFields.refine(({ warehouse, commands }) => {
  const named = commands.map((line) => line.warehouse ?? warehouse);
  return named.every((one) => one === named[0]);
}, 'warehouse: one and the same for all commands');

const lines = <T extends z.ZodType>(one: T) => z.array(one).min(1).max(LIMITS.allLines);
/** One for all lines, or one for each. */
const units = <T extends z.ZodType>(one: T) => z.union([one, lines(one)]);
const holds = { hold: lines(HoldName) };

/** What few commands say, an `each` cannot. */
const NOT_IN_EACH = Object.fromEntries(
  MORE_FIELDS.map((name) => [name, z.never().optional()]),
) as Record<(typeof MORE_FIELDS)[number], z.ZodOptional<z.ZodNever>>;

const { owner, warehouse, doc, reason, quality, ttlMs, partial, occurredAt } = Step.shape;
const EachFields = z.object({
  op: z.literal('each'),
  ...{ owner, warehouse, sku: lines(Text), doc, reason, quality, ttlMs, partial, occurredAt },
  ...NOT_IN_EACH,
});

const EachNeeds = z.discriminatedUnion('do', [
  z.object({
    do: z.enum(['receive', 'unreceive', 'announce', 'withdraw']),
    hold: HoldName.optional(),
    qty: units(Qty),
  }),
  z.object({ do: z.enum(['reserve', 'short']), ...holds, qty: units(Qty) }),
  z.object({ do: z.literal('extend'), ...holds, ttlMs: TtlMs, qty: units(Qty).optional() }),
  z.object({ do: z.enum(ON_HOLDS), ...holds, qty: units(Qty).optional() }),
  z.object({ do: z.literal('putback'), hold: HoldName.optional(), qty: units(Qty).optional() }),
  z.object({
    do: z.literal('adjust'),
    hold: HoldName.optional(),
    delta: units(Delta),
    reason: Text,
  }),
]);

/** One step on many SKUs of a warehouse, each by itself; columns are equally long. */
export const EachCommand = z.intersection(EachFields, EachNeeds).refine((v) => {
  const columns: unknown[] = [v.hold, 'qty' in v && v.qty, 'delta' in v && v.delta];
  return columns.every((column) => !Array.isArray(column) || column.length === v.sku.length);
}, 'columns: as long as sku');

export const ReadCommand = z.object({
  op: z.literal('read'),
  sku: Text,
  owner: Name.optional(),
  warehouse: Name.optional(),
  hold: HoldName.optional(),
  read: z.enum(['strict', 'lease']).optional(),
});

/** What `parseCommand` takes. */
export const Command = z.union([StockCommand, AllCommand, EachCommand, ReadCommand]);

/** Over WebSocket; what `parseEnvelope` takes, with a number. */
export const Envelope = z.object({
  n: Qty,
  acked: Qty.optional(),
  ack: z.enum(['committed', 'decided']).optional(),
});
export const NatsEnvelope = Envelope.partial().extend({
  client: Text.optional(),
  incarnation: Text.optional(),
});

export const Watch = z.object({
  op: z.enum(['watch', 'unwatch']),
  n: Qty.optional(),
  sku: Text.optional(),
  owner: Name.optional(),
  warehouse: Name.optional(),
});

/** The first frame of a connection. */
export const Hello = z.object({
  op: z.literal('hello'),
  token: z.string().max(8192),
  /** Tells devices apart that share a token. Left out: the token's own name. */
  client: Text.optional(),
  /** Left out: the server chooses. Told again after a reconnect, the session goes on. */
  incarnation: Text.optional(),
  /**
   * Keeps a session's commands to one warehouse in order of arrival also when some must be
   * sent again: after a refusal with `retry`, higher numbers are refused until it has been.
   */
  ordered: z.boolean().optional(),
});

/** A step on stock of which the code was scanned: `code` beside or instead of `sku`. */
export const Scan = z.looseObject({ op: z.string(), code: Code });

/** A command as a WebSocket frame, or one of the members of a batch. */
/** What `parse` takes: a step, an act on a document, a read. */
export const Asked = z.union([
  Command,
  Scan,
  DocumentCommand,
  ReadDocument,
  ItemCommand,
  ReadItem,
  TaskCommand,
]);
export const Frame = z.union([z.intersection(Asked, Envelope), Watch]);
export const Batch = z.array(Frame).max(LIMITS.batch);
export const NatsCommand = z.intersection(Asked, NatsEnvelope);
/** Of so many lines, those of an `all` counted, the answers fit one message; of an `each` ten times as many. */
export const NatsBatch = z.array(NatsCommand).max(LIMITS.allLines);

const Count = z.int().min(0);
const counts = <K extends string>(...names: K[]) =>
  Object.fromEntries(names.map((name) => [name, Count])) as Record<K, typeof Count>;

const QualityStock = z.object(
  counts(
    ...(['onHand', 'allocated', 'available', 'picked', 'packed', 'blocked', 'waiting'] as const),
    ...(['inTransit', 'safetyHeld'] as const),
  ),
);

const Stock = z.object({
  ...counts('onHand', 'qualified', 'defective', 'pending', 'supplierReturn'),
  ...counts('allocated', 'picked', 'packed', 'inTransit', 'available', 'blocked'),
  ...counts('granted', 'safetyHeld', 'waiting'),
  qualities: z.partialRecord(Quality, QualityStock).optional(),
});

/** Base units, and milliseconds since 1970 (0: it is hard). */
const Hold = z.object({
  doc: z.string(),
  ...counts('qty', 'soft', 'expiresAtMs', 'waiting', 'picked', 'packed', 'shipped'),
});

const answered = { n: Qty.optional() };
const Line = z.object({
  seq: Qty,
  /** Units moved; below 0 where an `adjust` took some away. */
  qty: z.int(),
  stock: Stock,
  /** Milliseconds since 1970. */
  expiresAt: Qty.optional(),
});
/** Told where `ack` was "decided": its fate follows. */
const undecided = { committed: z.literal(false).optional() };

export const Refusal = z.object({
  ...answered,
  ok: z.literal(false),
  code: z.enum(CODES),
  message: z.string(),
  available: Count.optional(),
  line: Count.optional(),
  retry: z.boolean(),
  ...undecided,
});
export const Done = Line.extend({
  ...answered,
  ok: z.literal(true),
  /** What this scanner does next, leased to it. */
  next: Task.optional(),
  ...undecided,
});
export const AllDone = z.object({
  ...answered,
  ok: z.literal(true),
  results: z.array(Line).min(1),
  ...undecided,
});
export const EachDone = z.object({
  ...answered,
  ok: z.literal(true),
  /** How many lines were done. */
  done: Count,
  /** The others, by their place in the columns, from 0. */
  refused: z.array(z.object({ line: Count, code: z.enum(CODES), available: Count.optional() })),
  ...undecided,
});
export const Seen = z.object({
  ...answered,
  ok: z.literal(true),
  seq: Qty,
  stock: Stock,
  hold: Hold.optional(),
});
/** An act on a document was done, now or before. */
export const DocumentDone = z.object({
  ...answered,
  ok: z.literal(true),
  doc: z.string(),
  /** The document's number of events. */
  seq: Qty,
  status: z.string(),
  results: z.array(Line.extend({ sku: Text })),
  task: Task.optional(),
  /** What this scanner does next, leased to it. */
  next: Task.optional(),
  ...undecided,
});
/** A document as it is; what its lines have depends on its kind (docs/DOCUMENTS.md). */
export const DocumentSeen = z.object({
  ...answered,
  ok: z.literal(true),
  document: z.looseObject({
    ...{ kind: z.string(), id: z.string(), owner: Name, warehouse: Name },
    ...{ status: z.string(), seq: Qty, openedAtMs: Count, endedAtMs: Count },
    lines: z.array(z.looseObject({ line: z.string() })),
  }),
});
export const Watched = z.object({
  ...answered,
  ok: z.literal(true),
  op: z.enum(['watch', 'unwatch']),
  watching: Count,
});
export const Reply = z.union([
  Refusal,
  Done,
  DocumentDone,
  AllDone,
  EachDone,
  Seen,
  DocumentSeen,
  Watched,
]);
export const BatchReply = z.array(Reply);

export const HelloReply = z.object({
  ok: z.literal(true),
  op: z.literal('hello'),
  version: z.string(),
  client: z.string(),
  incarnation: Text,
  nextN: Qty,
  node: z.string(),
  nats: z.string().optional(),
  limits: z.object(
    counts('frameBytes', 'batch', 'allLines', 'inFlight', 'commandsPerSecond', 'sessionWindow'),
  ),
});

export const StockPush = z.object({
  event: z.literal('stock'),
  owner: Name,
  sku: Text,
  warehouse: Name,
  seq: Qty,
  stock: Stock,
});
export const FatePush = z.object({ event: z.enum(['committed', 'revoked']), n: Qty });

/** Orders at a selling point: each by itself. */
export const Orders = z.array(z.union([RouteCommand, SellCommand])).max(LIMITS.allLines);
export const Sale = z.union([Refusal, RouteDone, SaleDone]);
export const Sales = z.array(Sale);

/** By the names they have in docs/asyncapi.yaml. */
export const SCHEMAS = {
  ...{ Text, HoldName, TextOrNone, Name, Qty, Delta, Quality, TtlMs, Count, Box, Serials },
  ...{ Hello, HelloReply, Step, StockCommand, AllCommand, EachCommand, ReadCommand },
  ...{ Code, Scan, ItemCommand, ReadItem, TaskCommand, Task },
  ...{ Command, DocumentCommand, DocumentLine: DocumentLineFields, ReadDocument, Watch },
  ...{ Envelope, NatsEnvelope, Frame, Batch, NatsCommand, NatsBatch },
  ...{ Stock, QualityStock, Hold, Line, Refusal, Done, AllDone, EachDone },
  ...{ DocumentDone, Seen, DocumentSeen, Watched },
  ...{ Reply, BatchReply },
  ...{ StockPush, FatePush },
  ...{ SellCommand, OrderLine, SaleDone, Orders, Sale, Sales },
  ...{ RulesRequest, RulesEdit, RulesFigures, RulesTold, RulesRefused },
  ...{ RouteCommand, RouteTo, RouteDone, Route },
};
