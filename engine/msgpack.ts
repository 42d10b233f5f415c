/**
 * Writes msgpack into memory of its own, without the values in between that a
 * general encoder asks for. The same bytes as msgpackr with `useRecords: false`:
 * every number and length in its shortest form, whole numbers beyond 32 bits as
 * float 64. Source: the msgpack specification.
 */
export class MsgpackWriter {
  #bytes: Buffer;
  #at = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get length(): number {
    return this.#at;
  }

  /** What has been written, until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  clear(): void {
    this.#at = 0;
  }

  /** Makes room for what the next writes add at most. They check no more. */
  reserve(bytes: number): void {
    const wanted = this.#at + bytes;
    if (wanted <= this.#bytes.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    bigger.set(this.written);
    this.#bytes = bigger;
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** The same, faster where they are few. */
  few(bytes: Uint8Array): void {
    const out = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < bytes.length; i++) out[at++] = bytes[i] as number;
    this.#at = at;
  }

  /** At most {@link NUMBER_BYTES}. */
  number(v: number): void {
    const out = this.#bytes;
    if (v >>> 0 === v) {
      if (v < 0x80) out[this.#at++] = v;
      else if (v < 0x1_00) this.#sized(0xcc, v, 1);
      else if (v < 0x1_00_00) this.#sized(0xcd, v, 2);
      else this.#sized(0xce, v, 4);
    } else if (v >> 0 === v) {
      if (v >= -0x20) out[this.#at++] = 0x1_00 + v;
      else if (v >= -0x80) this.#sized(0xd0, v, 1);
      else if (v >= -0x80_00) this.#sized(0xd1, v, 2);
      else this.#sized(0xd2, v, 4);
    } else {
      out[this.#at++] = 0xcb;
      this.#at = out.writeDoubleBE(v, this.#at);
    }
  }

  /** At most {@link textBytes}. */
  text(s: string): void {
    const { length } = s;
    if (length > LONGEST_BY_HAND || !this.#ascii(s)) this.#utf8(s);
  }

  array(length: number): void {
    if (length < 0x10) this.#bytes[this.#at++] = 0x90 | length;
    else if (length < 0x1_00_00) this.#sized(0xdc, length, 2);
    else this.#sized(0xdd, length, 4);
  }

  /** At most 5 bytes more than it is long. */
  binary(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length < 0x1_00) this.#sized(0xc4, length, 1);
    else if (length < 0x1_00_00) this.#sized(0xc5, length, 2);
    else this.#sized(0xc6, length, 4);
    this.raw(bytes);
  }

  #sized(token: number, v: number, width: number): void {
    const out = this.#bytes;
    out[this.#at++] = token;
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) out[this.#at++] = v >>> shift;
  }

  /** False, and nothing written, where it is not plain ASCII. */
  #ascii(s: string): boolean {
    const out = this.#bytes;
    const { length } = s;
    let at = this.#at;
    if (length < 0x20) out[at++] = 0xa0 | length;
    else {
      out[at++] = 0xd9;
      out[at++] = length;
    }
    for (let i = 0; i < length; i++) {
      const c = s.charCodeAt(i);
      if (c >= 0x80) return false;
      out[at++] = c;
    }
    this.#at = at;
    return true;
  }

  #utf8(s: string): void {
    const length = Buffer.byteLength(s);
    if (length < 0x20) this.#bytes[this.#at++] = 0xa0 | length;
    else if (length < 0x1_00) this.#sized(0xd9, length, 1);
    else if (length < 0x1_00_00) this.#sized(0xda, length, 2);
    else this.#sized(0xdb, length, 4);
    this.#at += this.#bytes.write(s, this.#at);
  }
}

/** The longest number. */
export const NUMBER_BYTES = 9;
/** Longer texts are left to the platform's own encoder, which is faster then. */
const LONGEST_BY_HAND = 0xff;
/** What a text takes at most: a UTF-16 unit is 3 bytes of UTF-8 or fewer. */
export const textBytes = (s: string): number => 5 + 3 * s.length;
