import { Packr, Unpackr } from 'msgpackr';

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

const packr = new Packr({ useRecords: false, variableMapSize: true });
// Numbers beyond 2^53 become bigints, which no field accepts.
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

export const msgpackCodec: Codec = {
  binary: true,
  encode: (message) => packr.pack(message),
  decode: (data) => unpackr.unpack(data),
};

export const codecOf = (protocol: string): Codec =>
  protocol === 'holdfast.v1.msgpack' ? msgpackCodec : jsonCodec;
