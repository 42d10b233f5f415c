import { Unpackr } from 'msgpackr';
import { isPlainMsgpack } from './msgpack-scan.ts';
import { encodeMessage } from './reply-writer.ts';

/** The two subprotocols: the same messages as text and as bytes. */
export const SUBPROTOCOLS = ['holdfast.v1.json', 'holdfast.v1.msgpack'] as const;

export interface Codec {
  readonly binary: boolean;
  encode(message: unknown): string | Uint8Array;
  /** Throws on what cannot be read. */
  decode(data: Uint8Array): unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export const jsonCodec: Codec = {
  binary: false,
  encode: (message) => JSON.stringify(message),
  decode: (data) => JSON.parse(utf8.decode(data)),
};

// Other languages send times as 64-bit integers. Beyond 2^53 these are rounded to
// what is no safe integer either, so no field accepts them.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

export const msgpackCodec: Codec = {
  binary: true,
  encode: encodeMessage,
  decode: (data) => {
    if (!isPlainMsgpack(data)) throw new Error('not one plain msgpack value');
    return unpackr.unpack(data);
  },
};

export const codecOf = (protocol: string): Codec =>
  protocol === 'holdfast.v1.msgpack' ? msgpackCodec : jsonCodec;
