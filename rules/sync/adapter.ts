import { randomBytes } from 'node:crypto';
import {
  cbor,
  type Message,
  NetworkAdapter,
  type PeerId,
  type PeerMetadata,
} from '@automerge/automerge-repo';
import { type Frame, type Hello, Links } from './link.ts';
import type { Wire } from './wire.ts';

/** Of whose rules the message is; the receiver makes their document ready first. */
interface Told {
  readonly owner: string;
  readonly message: Message;
}

interface Heard {
  readonly hello?: Hello & { readonly about: PeerMetadata };
  readonly frame?: Frame;
}

export interface AdapterOptions {
  readonly wire: Wire;
  /** Between two hellos, ms. A peer that is silent for `silentMs` is gone. */
  readonly helloMs: number;
  readonly silentMs: number;
  readonly ownerOf: (document: string) => string | undefined;
  /** Resolves to false where the document is not that owner's. */
  readonly prepare: (owner: string, document: string) => Promise<boolean>;
  /** What a peer said of these rules could not be taken; it is asked to say it again after `silentMs`. */
  readonly onTrouble: (owner: string, why: unknown) => void;
}

/** Syncs documents with all nodes that are heard. No restart of a link is ever remembered: two ends begin from what both have. */
export class WireAdapter extends NetworkAdapter {
  readonly #options: AdapterOptions;
  #links: Links | undefined;
  #stop: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #metadata = new Map<string, PeerMetadata>();
  #tickedMs = 0;
  #isShouting = false;
  /** One after another, in the order in which they came. It never rejects. */
  #hearing: Promise<void> = Promise.resolve();
  /** Peers that will be asked to say all again. */
  readonly #missed = new Set<string>();

  constructor(options: AdapterOptions) {
    super();
    this.#options = options;
  }

  override isReady(): boolean {
    return true;
  }

  override whenReady(): Promise<void> {
    return Promise.resolve();
  }

  override connect(peerId: PeerId, peerMetadata: PeerMetadata = {}): void {
    this.disconnect();
    this.peerId = peerId;
    this.peerMetadata = peerMetadata;
    this.#links = new Links(peerId, () => randomBytes(6).toString('base64url'), {
      onUp: (peer) =>
        this.emit('peer-candidate', {
          peerId: peer as PeerId,
          peerMetadata: this.#metadata.get(peer) ?? {},
        }),
      onDown: (peer) => this.emit('peer-disconnected', { peerId: peer as PeerId }),
      onMessage: (peer, bytes) => this.#take(peer, cbor.decode(bytes) as Told),
    });
    this.#stop = this.#options.wire.hear(peerId, (bytes) => this.#hear(bytes));
    this.#timer = setInterval(() => this.#tick(), this.#options.helloMs).unref();
    this.#shout();
  }

  override send(message: Message): void {
    const owner = message.documentId && this.#options.ownerOf(message.documentId);
    if (owner === undefined || this.#links === undefined) return;
    const told = cbor.encode({ owner, message } satisfies Told);
    for (const frame of this.#links.framesFor(message.targetId, told)) {
      this.#options.wire.tell(message.targetId, cbor.encode({ frame } satisfies Heard));
    }
  }

  override disconnect(): void {
    this.#stop?.();
    clearInterval(this.#timer);
    this.#links?.forget(Number.POSITIVE_INFINITY);
    this.#links = undefined;
  }

  #hear(bytes: Uint8Array): void {
    const { hello, frame } = cbor.decode(bytes) as Heard;
    const links = this.#links;
    if (links === undefined) return;
    if (hello !== undefined) this.#metadata.set(hello.from, hello.about);
    const isNews =
      (hello !== undefined && links.hearHello(hello, Date.now())) ||
      (frame !== undefined && links.hearFrame(frame, Date.now()));
    if (isNews) this.#shoutSoon();
  }

  #take(peer: string, { owner, message }: Told): void {
    const { documentId } = message;
    if (documentId === undefined || message.senderId !== peer) return;
    const lives = this.#links?.livesOf(peer);
    this.#hearing = this.#hearing.then(async () => {
      const isReady = await this.#options.prepare(owner, documentId);
      if (isReady && this.#links?.livesOf(peer) === lives) this.emit('message', message);
    });
    this.#hearing = this.#hearing.catch((e: unknown) => this.#miss(peer, owner, e));
  }

  /** What one message brings to grief keeps no other from being heard. */
  #miss(peer: string, owner: string, why: unknown): void {
    this.#options.onTrouble(owner, why);
    if (this.#missed.has(peer)) return;
    this.#missed.add(peer);
    const again = (): void => {
      this.#missed.delete(peer);
      if (this.#links?.renew(peer) === true) this.#shoutSoon();
    };
    setTimeout(again, this.#options.silentMs).unref();
  }

  /** A late tick says that this node was busy, not that others were silent. */
  #tick(): void {
    const { helloMs, silentMs } = this.#options;
    const nowMs = Date.now();
    if (nowMs - this.#tickedMs < 2 * helloMs) this.#links?.forget(nowMs - silentMs);
    this.#tickedMs = nowMs;
    for (const peer of this.#metadata.keys()) {
      if (this.#links?.livesOf(peer) === undefined) this.#metadata.delete(peer);
    }
    this.#shout();
  }

  /** Once for all that is heard in one go. */
  #shoutSoon(): void {
    if (this.#isShouting) return;
    this.#isShouting = true;
    setTimeout(() => this.#shout(), 5).unref();
  }

  #shout(): void {
    this.#isShouting = false;
    const hello = this.#links?.hello();
    if (hello === undefined) return;
    const said: Heard = { hello: { ...hello, about: this.peerMetadata ?? {} } };
    this.#options.wire.shout(cbor.encode(said));
  }
}
