import { Packr, Unpackr } from 'msgpackr';
import type { ActorKey, HoldId } from '../../actors/ids.ts';
import type { Quality } from '../../actors/stock/commands.ts';
import {
  ENDED,
  type EndedHold,
  type EndReason,
  type Hold,
  isOpen,
  NO_SOFT,
  type SoftPart,
  type StockState,
} from '../../actors/stock/state.ts';
import type { Remembered, Session } from '../sessions.ts';
import { type DetailLine, detailOf } from './detail-line.ts';

/** How actors and sessions stand in a snapshot: arrays, to be small. */
export type HoldLine =
  | [HoldId, EndReason]
  | [HoldId, number, Quality, string, number, number[], ...number[]];
export type ActorLine = [ActorKey, number, number[], HoldLine[], HoldId[], DetailLine | 0];
export type SessionLine = [string, string, number, number, number, [number, Remembered][]];

const packr = new Packr({ useRecords: false });
const unpackr = new Unpackr({ useRecords: false });

export const pack = (value: unknown): Uint8Array => new Uint8Array(packr.pack(value));
export const unpack = (bytes: Uint8Array): unknown => unpackr.unpack(bytes);

export function actorOf([key, seq, b, lines, ended, units]: ActorLine): [ActorKey, StockState] {
  const detail = units === 0 ? undefined : detailOf(units);
  if (lines.length === 0) {
    const nothing = {
      presale: 0,
      oversell: 0,
      holds: undefined,
      ended: undefined,
      queue: undefined,
    };
    return [key, { seq, b, ...nothing, detail }];
  }
  const holds = new Map(lines.map((line) => [line[0], holdOf(line)] as const));
  const waiting: [HoldId, Hold][] = [];
  for (const [id, hold] of holds) if (isOpen(hold) && hold.waiting > 0) waiting.push([id, hold]);
  const presale = waiting.reduce((sum, [, hold]) => sum + hold.presale, 0);
  const oversell = waiting.reduce((sum, [, hold]) => sum + hold.oversell, 0);
  waiting.sort((x, y) => x[1].order - y[1].order);
  const queue = waiting.length > 0 ? waiting.map(([id]) => id) : undefined;
  const rest = { ended: ended.length > 0 ? ended : undefined, queue, detail };
  return [key, { seq, b, presale, oversell, holds, ...rest }];
}

function holdOf(line: HoldLine): Hold | EndedHold {
  if (line.length === 2) return ENDED[line[1] as EndReason];
  const [, order, quality, doc, hard, flat, waiting, presale, oversell, ...done] = line as [
    ...[HoldId, number, Quality, string, number, number[]],
    ...[number, number, number, number, number, number],
  ];
  const soft: SoftPart[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    soft.push({ qty: flat[i] as number, expiresAtMs: flat[i + 1] as number });
  }
  const parts = soft.length === 0 ? NO_SOFT : soft;
  const [picked, packed, shipped] = done;
  const promise = { order, quality, doc, hard, soft: parts, waiting, presale, oversell };
  return { ...promise, picked, packed, shipped };
}

export const sessionLine = (s: Session, lastMs: number): SessionLine => [
  s.caller.client,
  s.caller.incarnation,
  s.floor,
  s.highest,
  lastMs,
  [...s.outcomes],
];

export const sessionOf = ([
  client,
  incarnation,
  floor,
  highest,
  lastMs,
  outcomes,
]: SessionLine): Session => ({
  caller: { client, incarnation },
  floor,
  highest,
  lastMs,
  outcomes: new Map(outcomes),
});
