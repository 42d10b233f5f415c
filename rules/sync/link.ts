/** What one node knows of its link to another. A link has a life at each end; messages of other lives than the two that are now do not count. */
export interface Link {
  /** Of this end. A new one begins when a message is missing. */
  mine: string;
  /** Of the other end; undefined until it was heard. */
  theirs: string | undefined;
  /** Messages sent and heard in these lives. */
  sent: number;
  heard: number;
  /** When the other end was last heard, epoch ms. */
  atMs: number;
  /** Of a message in several parts, those that have come. */
  parts: Uint8Array[];
}

/** Said to all, every now and then: who is there, and how far each link of it is. */
export interface Hello {
  readonly from: string;
  /** By peer: the life of this end, that of the other end as it was heard, messages sent in them. */
  readonly links: Readonly<Record<string, readonly [string, string, number]>>;
}

/** A part of a message. */
export interface Frame {
  readonly from: string;
  readonly mine: string;
  readonly theirs: string;
  readonly number: number;
  /** More parts of the same message follow. */
  readonly more: boolean;
  readonly bytes: Uint8Array;
}

export interface LinkEvents {
  onUp(peer: string): void;
  onDown(peer: string): void;
  onMessage(peer: string, bytes: Uint8Array): void;
}

/** Parts are no larger, bytes: a NATS server takes a megabyte. */
const PART_BYTES = 256 * 1024;

/**
 * Links to all nodes that are heard. In one life of a link every message comes once and in order. Where one is lost, the life ends and another begins, as if
 * the link had been cut and joined: whoever uses it begins from what both have, so loss, repetition and order never hurt.
 * It has no clock and no wire of its own.
 */
export class Links {
  readonly #self: string;
  readonly #newLife: () => string;
  readonly #events: LinkEvents;
  readonly #links = new Map<string, Link>();

  constructor(self: string, newLife: () => string, events: LinkEvents) {
    this.#self = self;
    this.#newLife = newLife;
    this.#events = events;
  }

  hello(): Hello {
    const links = [...this.#links].map(
      ([peer, { mine, theirs, sent }]) => [peer, [mine, theirs ?? '', sent]] as const,
    );
    return { from: this.#self, links: Object.fromEntries(links) };
  }

  /** Returns true where the other end should hear of this one soon. */
  hearHello({ from, links }: Hello, nowMs: number): boolean {
    if (from === this.#self) return false;
    const isNew = !this.#links.has(from);
    const link = this.#linkTo(from, nowMs);
    link.atMs = nowMs;
    const told = Object.hasOwn(links, this.#self) ? links[this.#self] : undefined;
    if (told === undefined) return true;
    const [theirs, mine, sent] = told;
    if (theirs !== link.theirs) this.#meet(from, link, theirs);
    // Something is missing, or the other end has begun to count again.
    if (mine === link.mine && sent !== link.heard) this.#restart(from, link);
    return isNew || mine !== link.mine;
  }

  /** Returns true where something was lost, so that the other end should hear of it soon. */
  hearFrame(frame: Frame, nowMs: number): boolean {
    const { from, mine: theirs, theirs: mine, number } = frame;
    const link = this.#links.get(from);
    if (link === undefined || mine !== link.mine) return false;
    link.atMs = nowMs;
    if (theirs !== link.theirs) this.#meet(from, link, theirs);
    if (number <= link.heard) return false;
    if (number > link.heard + 1) {
      this.#restart(from, link);
      return true;
    }
    link.heard = number;
    link.parts.push(frame.bytes);
    if (frame.more) return false;
    const whole = link.parts.length === 1 ? frame.bytes : Buffer.concat(link.parts);
    link.parts = [];
    this.#events.onMessage(from, whole);
    return false;
  }

  /** The frames of a message; none where the peer is not there. */
  framesFor(peer: string, bytes: Uint8Array): Frame[] {
    const link = this.#links.get(peer);
    if (link?.theirs === undefined) return [];
    const frames: Frame[] = [];
    for (let at = 0; at === 0 || at < bytes.length; at += PART_BYTES) {
      frames.push({
        from: this.#self,
        mine: link.mine,
        theirs: link.theirs,
        number: ++link.sent,
        more: at + PART_BYTES < bytes.length,
        bytes: bytes.subarray(at, at + PART_BYTES),
      });
    }
    return frames;
  }

  /** What tells the lives of a link from others; undefined where there is none. */
  livesOf(peer: string): string | undefined {
    const link = this.#links.get(peer);
    return link && `${link.mine} ${link.theirs}`;
  }

  /** Begins again with a peer, as if something had been lost. False where it is not there. */
  renew(peer: string): boolean {
    const link = this.#links.get(peer);
    if (link?.theirs === undefined) return false;
    this.#restart(peer, link);
    return true;
  }

  /** Gives up those that were not heard since. */
  forget(sinceMs: number): void {
    for (const [peer, link] of this.#links) {
      if (link.atMs >= sinceMs) continue;
      this.#links.delete(peer);
      if (link.theirs !== undefined) this.#events.onDown(peer);
    }
  }

  #linkTo(peer: string, nowMs: number): Link {
    let link = this.#links.get(peer);
    if (link === undefined) {
      const none = { theirs: undefined, sent: 0, heard: 0, parts: [] };
      link = { mine: this.#newLife(), ...none, atMs: nowMs };
      this.#links.set(peer, link);
    }
    return link;
  }

  /** The other end has another life. */
  #meet(peer: string, link: Link, theirs: string): void {
    const wasUp = link.theirs !== undefined;
    Object.assign(link, { theirs, sent: 0, heard: 0, parts: [] });
    if (wasUp) this.#events.onDown(peer);
    this.#events.onUp(peer);
  }

  /** What is missing will not come: this end has another life. */
  #restart(peer: string, link: Link): void {
    Object.assign(link, { mine: this.#newLife(), sent: 0, heard: 0, parts: [] });
    this.#events.onDown(peer);
    this.#events.onUp(peer);
  }
}
