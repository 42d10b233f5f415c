/**
 * Reads msgpack field by field, without the values in between that a general
 * decoder makes. Throws on what is not there, or is not what was asked for.
 * Source: the msgpack specification.
 */
export class MsgpackReader {
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #at = 0;
  /** Where the text that was read last lies in {@link bytes}. */
  from = 0;
  to = 0;

  /** Begins to read at `at`. The bytes must stay as they are meanwhile. */
  begin(bytes: Uint8Array, at = 0): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.#at = at;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Of the next field. */
  get at(): number {
    return this.#at;
  }

  set at(at: number) {
    this.#at = at;
  }

  /** Throws unless everything was read, and no more. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error('it does not end where it should');
  }

  number(): number {
    const token = this.#bytes[this.#at++] as number;
    if (token < 0x80) return token;
    if (token >= 0xe0) return token - 0x100;
    return this.#long(token);
  }

  /** How many fields the list has that follows. */
  array(): number {
    const token = this.#bytes[this.#at++] as number;
    if (token >= 0x90 && token < 0xa0) return token & 0x0f;
    if (token === 0xdc) return this.#whole(2);
    if (token === 0xdd) return this.#whole(4);
    throw new Error('a list is missing');
  }

  /** Finds a text: {@link from} and {@link to}. */
  text(): void {
    const token = this.#bytes[this.#at++] as number;
    let length: number;
    if (token >= 0xa0 && token < 0xc0) length = token & 0x1f;
    else if (token === 0xd9) length = this.#whole(1);
    else if (token === 0xda) length = this.#whole(2);
    else if (token === 0xdb) length = this.#whole(4);
    else throw new Error('a text is missing');
    this.#span(length);
  }

  /** Finds bytes: {@link from} and {@link to}. */
  binary(): void {
    const token = this.#bytes[this.#at++] as number;
    if (token < 0xc4 || token > 0xc6) throw new Error('bytes are missing');
    this.#span(this.#whole(1 << (token - 0xc4)));
  }

  /** Passes over a number, a text, bytes, or a list with all that is in it. */
  skip(): void {
    const token = this.#bytes[this.#at] as number;
    if (token < 0x80 || token >= 0xe0) this.#at++;
    else if (token === 0xcb) this.#at += 9;
    else if (token >= 0xca && token <= 0xd3) this.number();
    else if ((token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb)) this.text();
    else if (token >= 0xc4 && token <= 0xc6) this.binary();
    else for (let left = this.array(); left > 0; left--) this.skip();
  }

  #span(length: number): void {
    this.from = this.#at;
    this.#at += length;
    this.to = this.#at;
    if (this.#at > this.#bytes.length) throw new Error('it ends too soon');
  }

  #long(token: number): number {
    const view = this.#view;
    const at = this.#at;
    switch (token) {
      case 0xcc:
        this.#at += 1;
        return view.getUint8(at);
      case 0xcd:
        this.#at += 2;
        return view.getUint16(at);
      case 0xce:
        this.#at += 4;
        return view.getUint32(at);
      case 0xcb:
        this.#at += 8;
        return view.getFloat64(at);
      case 0xd0:
        this.#at += 1;
        return view.getInt8(at);
      case 0xd1:
        this.#at += 2;
        return view.getInt16(at);
      case 0xd2:
        this.#at += 4;
        return view.getInt32(at);
      default:
        throw new Error('a number is missing');
    }
  }

  #whole(width: number): number {
    const at = this.#at;
    this.#at += width;
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }
}

const NOTHING = new Uint8Array(0);
