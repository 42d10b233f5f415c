import type { StockView } from '../actors/stock/balances.ts';
import type { QualityName, StockOp } from '../actors/stock/commands.ts';

/** A step on one SKU, as it is sent. docs/PROTOCOL.md says which op needs which fields. */
export interface StockMessage {
  op: Exclude<StockOp, 'expire'>;
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
}

export interface AllMessage {
  op: 'all';
  warehouse?: string;
  owner?: string;
  commands: StockMessage[];
}

export interface ReadMessage {
  op: 'read';
  sku: string;
  owner?: string;
  warehouse?: string;
  hold?: string;
  read?: 'strict' | 'lease';
}

export type Message = StockMessage | AllMessage | ReadMessage;

export interface LineAnswer {
  seq: number;
  qty: number;
  stock: StockView;
  expiresAt?: number;
}

export interface OkAnswer extends Partial<LineAnswer> {
  n: number;
  ok: true;
  /** One a line of an `all`. */
  results?: LineAnswer[];
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
