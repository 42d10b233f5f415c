/**
 * Redis' protocol (RESP2), as much as the bench needs: requests are arrays of
 * bulk strings, replies are anything.
 */
export type Reply = number | string | null | RedisError | readonly Reply[];

export class RedisError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export function request(...words: readonly (string | number)[]): string {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`;
  return text;
}

const CR = 0x0d;

/** Takes a stream of bytes in pieces of any size, gives whole replies. */
export class Replies {
  readonly #each: (reply: Reply) => void;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(each: (reply: Reply) => void) {
    this.#each = each;
  }

  push(piece: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? piece : Buffer.concat([this.#bytes, piece]);
    this.#at = 0;
    let whole = 0;
    for (let reply = this.#next(); reply !== undefined; reply = this.#next()) {
      whole = this.#at;
      this.#each(reply);
    }
    this.#bytes = this.#bytes.subarray(whole);
  }

  /** Undefined where the reply is not whole yet. */
  #next(): Reply | undefined {
    const kind = this.#bytes[this.#at];
    const end = this.#bytes.indexOf(CR, this.#at);
    if (kind === undefined || end === -1 || end + 2 > this.#bytes.length) return undefined;
    const line = this.#bytes.toString('latin1', this.#at + 1, end);
    this.#at = end + 2;
    switch (String.fromCharCode(kind)) {
      case ':':
        return Number(line);
      case '+':
        return line;
      case '-':
        return new RedisError(line);
      case '$':
        return this.#bulk(Number(line));
      case '*':
        return this.#array(Number(line));
      default:
        throw new Error(`no reply of Redis begins with byte ${kind}`);
    }
  }

  #bulk(length: number): string | null | undefined {
    if (length === -1) return null;
    const end = this.#at + length;
    if (end + 2 > this.#bytes.length) return undefined;
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return text;
  }

  #array(length: number): readonly Reply[] | null | undefined {
    if (length === -1) return null;
    const items: Reply[] = [];
    for (let i = 0; i < length; i++) {
      const item = this.#next();
      if (item === undefined) return undefined;
      items.push(item);
    }
    return items;
  }
}
