const TAB = 0x09;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const CAPITAL_N = 0x4e;
/** Digits handled with small integers only. */
const BILLION = 1_000_000_000;
const FIRST_BYTES = 64 * 1024;
/** Room that no single field but a text may need. */
const SLACK = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Writes rows in the text format of COPY straight into bytes: an order of
 * magnitude less work, and far less garbage, than putting strings together.
 */
export class RowWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #at = 0;
  #rows = 0;

  /** Rows ended since the last {@link take}. */
  get rows(): number {
    return this.#rows;
  }

  /** A field that is a whole number of at most 2^53 − 1, either sign. */
  whole(n: number): this {
    this.#reserve(SLACK);
    let rest = n;
    if (n < 0) {
      this.#bytes[this.#at++] = MINUS;
      rest = -n;
    }
    if (rest < BILLION) {
      this.#digits(rest, 1);
    } else {
      const high = Math.floor(rest / BILLION);
      this.#digits(high, 1);
      this.#digits(rest - high * BILLION, 9);
    }
    this.#bytes[this.#at++] = TAB;
    return this;
  }

  /** A field that is a text. */
  text(text: string): this {
    this.#reserve(text.length * 6 + SLACK);
    const start = this.#at;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c >= 0x80 || c < 0x20) {
        this.#at = start;
        this.#rare(text);
        break;
      }
      if (c === BACKSLASH) this.#bytes[this.#at++] = BACKSLASH;
      this.#bytes[this.#at++] = c;
    }
    this.#bytes[this.#at++] = TAB;
    return this;
  }

  /** A field that is a text, from its UTF-8. */
  utf8(text: Uint8Array, from: number, to: number): this {
    this.#reserve(2 * (to - from) + SLACK);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = from; i < to; i++) {
      const c = text[i] as number;
      if (c >= 0x80 || c < 0x20) return this.text(decoder.decode(text.subarray(from, to)));
      if (c === BACKSLASH) bytes[at++] = BACKSLASH;
      bytes[at++] = c;
    }
    bytes[at++] = TAB;
    this.#at = at;
    return this;
  }

  /** A field that has no value. */
  none(): this {
    this.#reserve(SLACK);
    this.#bytes[this.#at++] = BACKSLASH;
    this.#bytes[this.#at++] = CAPITAL_N;
    this.#bytes[this.#at++] = TAB;
    return this;
  }

  /** A field written as it is: plain ASCII that COPY reads as meant. */
  raw(text: string): this {
    this.#reserve(text.length + SLACK);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i);
    this.#bytes[this.#at++] = TAB;
    return this;
  }

  /** Ends the row. */
  end(): void {
    this.#bytes[this.#at - 1] = NEWLINE;
    this.#rows++;
  }

  /** The rows so far, which are the caller's from now on; begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const rows = this.#bytes.subarray(0, this.#at);
    this.#bytes = new Uint8Array(this.#bytes.length);
    this.#at = 0;
    this.#rows = 0;
    return rows;
  }

  /** At least `width` digits. */
  #digits(n: number, width: number): void {
    let length = width;
    for (let power = 10 ** width; power <= n; power *= 10) length++;
    let rest = n;
    for (let i = this.#at + length - 1; i >= this.#at; i--) {
      const tenth = (rest / 10) | 0;
      this.#bytes[i] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
    this.#at += length;
  }

  /** With characters that are more than a byte, or that COPY reads as its own; SQL text cannot hold NUL. */
  #rare(text: string): void {
    const escaped = text.replace(/[\\\t\n\r\0]/g, (c) => ESCAPES[c] ?? c);
    const into = this.#bytes.subarray(this.#at);
    this.#at += encoder.encodeInto(escaped, into).written;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const bigger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + more));
    bigger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bigger;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\uFFFD',
};
