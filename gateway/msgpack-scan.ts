/** Deepest nesting of a frame; an `all` in a batch has 5 levels. */
const MAX_DEPTH = 16;

/** Bytes that follow the first one of a value of fixed length; −1 for all others. */
const FIXED = fixedLengths();
const left = new Int32Array(MAX_DEPTH + 1);

/**
 * True for exactly one whole msgpack value of plain types: nil, boolean, number,
 * text, bytes, array, map. The decoder behind it also knows extensions, among
 * them references and big integers, with which a frame of a few hundred bytes
 * can keep it busy for minutes; and it recurses, so that depth costs stack.
 */
export function isPlainMsgpack(bytes: Uint8Array): boolean {
  const end = bytes.length;
  let at = 0;
  let depth = 0;
  left[0] = 1;
  for (;;) {
    while (left[depth] === 0) {
      if (depth-- === 0) return at === end;
    }
    left[depth] = (left[depth] as number) - 1;
    if (at >= end) return false;
    const token = bytes[at++] as number;
    const fixed = FIXED[token] as number;
    if (fixed >= 0) {
      at += fixed;
      continue;
    }
    let count: number;
    if (token < 0x90) count = 2 * (token & 0x0f);
    else if (token < 0xa0) count = token & 0x0f;
    else {
      const width = lengthBytes(token);
      if (width === 0 || at + width > end) return false;
      const length = bigEndian(bytes, at, width);
      at += width;
      if (token < 0xdc) {
        at += length;
        continue;
      }
      count = token < 0xde ? length : 2 * length;
    }
    if (count > end - at || ++depth > MAX_DEPTH) return false;
    left[depth] = count;
  }
}

/** How many bytes say the length of bin, str, array or map; 0 for extensions and 0xc1. */
function lengthBytes(token: number): number {
  switch (token) {
    case 0xc4: // bin 8
    case 0xd9: // str 8
      return 1;
    case 0xc5:
    case 0xda:
    case 0xdc: // array 16
    case 0xde: // map 16
      return 2;
    case 0xc6:
    case 0xdb:
    case 0xdd:
    case 0xdf:
      return 4;
    default:
      return 0;
  }
}

function bigEndian(bytes: Uint8Array, at: number, width: number): number {
  let n = 0;
  for (let i = at; i < at + width; i++) n = n * 256 + (bytes[i] as number);
  return n;
}

function fixedLengths(): Int8Array {
  const lengths = new Int8Array(256).fill(-1);
  lengths.fill(0, 0x00, 0x80); // small numbers
  lengths.fill(0, 0xe0, 0x100);
  for (let token = 0xa0; token < 0xc0; token++) lengths[token] = token & 0x1f; // short text
  lengths[0xc0] = 0; // nil
  lengths.fill(0, 0xc2, 0xc4); // booleans
  lengths.set([4, 8, 1, 2, 4, 8, 1, 2, 4, 8], 0xca); // float 32, 64, uint 8…64, int 8…64
  return lengths;
}
