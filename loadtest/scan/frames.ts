import { LIMITS } from '../../engine/limits.ts';
import { msgpackCodec } from '../../gateway/codec.ts';

/** Frames are made before the clock runs, so that the driver's cost is the same for every peer. */
export const encode = (message: unknown): Uint8Array =>
  Uint8Array.from(msgpackCodec.encode(message) as Uint8Array);

export interface Reservation {
  /** The session's number, rising. */
  readonly n: number;
  readonly sku: string;
  readonly hold: string;
  /** Left out: reserve. */
  readonly op?: 'release';
}

/** As the client sends them: the first of a frame says that all before it has been read. */
export function reserveMessage({ n, sku, hold, op }: Reservation, isFirst: boolean): object {
  const message = { n, op: op ?? 'reserve', sku, qty: 1, hold };
  return isFirst ? { ...message, acked: n } : message;
}

export const reserveFrame = (one: Reservation): Uint8Array => encode(reserveMessage(one, true));

export const batchFrame = (all: readonly Reservation[]): Uint8Array =>
  encode(all.map((one, i) => reserveMessage(one, i === 0)));

/** The same as one command, under the number of the first. */
function eachMessage(all: readonly Reservation[]): object {
  const n = all[0]?.n;
  const columns = { sku: all.map(({ sku }) => sku), hold: all.map(({ hold }) => hold) };
  return { n, acked: n, op: 'each', do: 'reserve', qty: 1, ...columns };
}

/** As few of them as hold so many, in one frame. */
export function eachFrames(all: readonly Reservation[]): Uint8Array {
  const columns = Array.from({ length: Math.ceil(all.length / LIMITS.allLines) }, (_, i) =>
    eachMessage(all.slice(i * LIMITS.allLines, (i + 1) * LIMITS.allLines)),
  );
  return encode(columns);
}

/** How many lines the `each` commands of one frame did; NaN where one was refused whole. */
export function linesDone(reply: Buffer): number {
  const all = msgpackCodec.decode(reply) as { done?: number }[];
  return all.reduce((sum, { done }) => sum + (done ?? Number.NaN), 0);
}

/** `ok: true` as msgpack has it: cheap to look for, and never in a refusal. */
const OK = Buffer.from([0xa2, 0x6f, 0x6b, 0xc3]);
const NOT_OK = Buffer.from([0xa2, 0x6f, 0x6b, 0xc2]);
/** Headers of arrays whose length is in the same byte, follows in two bytes, or in four. */
const FIXED_ARRAY = 0x90;
const ARRAY_16 = 0xdc;
const ARRAY_32 = 0xdd;

/** A reply to one command that was carried out. */
export const isOk = (reply: Buffer): boolean => reply.includes(OK);

/** A reply to a batch in which nothing was refused. */
export const isBatchReply = (reply: Buffer, commands: number): boolean =>
  lengthOf(reply) === commands && isOk(reply.subarray(0, 64)) && !reply.includes(NOT_OK);

/** A reply that asks for the same numbers again, as while a warehouse changes hands. */
export function isToRetry(reply: Buffer): boolean {
  const all = [msgpackCodec.decode(reply)].flat() as { ok?: boolean; retry?: boolean }[];
  const refused = all.filter(({ ok }) => ok !== true);
  return refused.length > 0 && refused.every(({ retry }) => retry === true);
}

function lengthOf(reply: Buffer): number {
  const [kind = 0] = reply;
  if ((kind & 0xf0) === FIXED_ARRAY) return kind & 0x0f;
  if (kind === ARRAY_16) return reply.readUInt16BE(1);
  return kind === ARRAY_32 ? reply.readUInt32BE(1) : -1;
}

/** Why a reply is not what was expected, for a person. */
export function faultOf(reply: Buffer): Error {
  const all = [msgpackCodec.decode(reply)].flat() as { ok?: boolean }[];
  const refused = all.filter(({ ok }) => ok !== true);
  const first = JSON.stringify(refused[0] ?? all[0]);
  return new Error(`${refused.length} of ${all.length} were refused, the first with ${first}`);
}
