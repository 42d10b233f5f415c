import type { Act, DocumentKind, DocumentMore } from '../actors/documents/commands.ts';
import type { StockView } from '../actors/stock/balances.ts';
import type {
  BlockReason,
  InnerOp,
  PickPolicy,
  QualityName,
  StockOp,
} from '../actors/stock/commands.ts';

/** A step on one SKU, as it is sent. docs/PROTOCOL.md says which op needs which fields. */
export interface StockMessage {
  op: Exclude<StockOp, InnerOp>;
  sku: string;
  owner?: string;
  warehouse?: string;
  /** Whole base units. */
  qty?: number;
  /** `adjust`: signed base units. */
  delta?: number;
  hold?: string;
  doc?: string;
  reason?: string;
  quality?: QualityName;
  /** Life of a soft hold, ms. */
  ttlMs?: number;
  partial?: boolean;
  /** When the device saw it, epoch ms. */
  occurredAt?: number;
  toQuality?: QualityName;
  why?: BlockReason;
  /** Of a receipt: so many had been announced. */
  arrived?: number;
  untilPutaway?: boolean;
  useSafety?: boolean;
  /** Base units of safety stock. */
  level?: number;
  backorder?: boolean;
  /** Which units, or what they are; '' (or 0) for none. */
  location?: string;
  container?: string;
  batch?: string;
  fnsku?: string;
  /** Pieces in a closed box. */
  box?: number;
  /** What is different afterwards. */
  toLocation?: string;
  toContainer?: string;
  toFnsku?: string;
  toBox?: number;
  /** One for each unit. */
  serials?: readonly string[];
  policy?: PickPolicy;
  /** What is printed on the batch, epoch ms. */
  startAt?: number;
  expiresAt?: number;
  sellUntil?: number;
}

export interface AllMessage {
  op: 'all';
  warehouse?: string;
  owner?: string;
  commands: StockMessage[];
}

/** The same step on many SKUs, each line by itself. Columns are equally long. */
export interface EachMessage {
  op: 'each';
  do: StockMessage['op'];
  warehouse?: string;
  owner?: string;
  sku: readonly string[];
  hold?: readonly string[];
  /** Whole base units, for all lines or one each. */
  qty?: number | readonly number[];
  /** `adjust`: signed base units. */
  delta?: number | readonly number[];
  doc?: string;
  reason?: string;
  quality?: QualityName;
  ttlMs?: number;
  partial?: boolean;
  occurredAt?: number;
}

export interface ReadMessage {
  op: 'read';
  sku: string;
  owner?: string;
  warehouse?: string;
  hold?: string;
  read?: 'strict' | 'lease';
}

/** One line of an act; docs/DOCUMENTS.md says which act needs which fields. */
export interface DocumentLineMessage
  extends Pick<
    StockMessage,
    | ('delta' | 'quality' | 'toQuality' | 'serials' | 'policy')
    | ('location' | 'container' | 'batch' | 'fnsku' | 'box')
    | ('toLocation' | 'toContainer' | 'toFnsku' | 'toBox')
    | ('startAt' | 'expiresAt' | 'sellUntil')
  > {
  /** Left out: its place, from 1. */
  line?: string;
  sku?: string;
  qty?: number;
  /** `inspection.result`: units that failed. */
  failed?: number;
  /** `count.line`: the sequence of the stock that the counter saw. */
  seq?: number;
  /** `asn.measure`: mm, and g. */
  size?: readonly [number, number, number];
  weight?: number;
}

/** An act on a document: `order.place`. */
export interface DocumentMessage
  extends Partial<
    Omit<DocumentMore, 'policy' | 'fromWarehouse' | 'told' | 'toWarehouse' | 'toOwner'>
  > {
  op: Act;
  doc: string;
  owner?: string;
  warehouse?: string;
  lines?: readonly DocumentLineMessage[];
  /** Names the act, so that it is done once however often it is sent. */
  step?: string;
  reason?: string;
  occurredAt?: number;
  policy?: PickPolicy;
  /** Of a transfer. */
  toWarehouse?: string;
  fromWarehouse?: string;
  /** Whose the goods are from now on. */
  toOwner?: string;
}

/** What is a document like: `order.read`. */
export interface ReadDocumentMessage {
  op: `${DocumentKind}.read`;
  doc: string;
  owner?: string;
  warehouse?: string;
  read?: 'strict' | 'lease';
  /** Of a transfer, at its destination. */
  fromWarehouse?: string;
}

export type Message =
  | StockMessage
  | AllMessage
  | EachMessage
  | ReadMessage
  | DocumentMessage
  | ReadDocumentMessage;

export interface LineAnswer {
  seq: number;
  qty: number;
  stock: StockView;
  expiresAt?: number;
}

export interface OkAnswer extends Partial<LineAnswer> {
  n: number;
  ok: true;
  /** One a line of an `all`, or what an act moved. */
  results?: (LineAnswer & { sku?: string })[];
  /** Of an act: the document, and what it is now. */
  doc?: string;
  status?: string;
  /** To a read of a document. */
  document?: { readonly status: string; readonly [field: string]: unknown };
  /** Of an `each`: how many lines were done, and the others. */
  done?: number;
  refused?: { line: number; code: string; available?: number }[];
  committed?: false;
}

export interface RefusedAnswer {
  n: number;
  ok: false;
  code: string;
  message: string;
  available?: number;
  line?: number;
  retry: boolean;
}

export type AnswerMessage = OkAnswer | RefusedAnswer;

export interface HelloAnswer {
  ok: true;
  op: 'hello';
  version: string;
  client: string;
  incarnation: string;
  nextN: number;
  node: string;
  /** Told to administrators. */
  nats?: string;
  limits: { frameBytes: number; batch: number; inFlight: number };
}
