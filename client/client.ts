import { Packr, Unpackr } from 'msgpackr';
import { WebSocket } from 'ws';
import type { AnswerMessage, HelloAnswer, Message } from './messages.ts';

export interface ClientOptions {
  /** `ws://host:port/v1/scan`; of several nodes of a region, those to try in turn. */
  readonly url: string | readonly string[];
  readonly token: string;
  /** Tells devices apart that share a token. */
  readonly client?: string;
  /** Goes on with an earlier session; its numbers are counted on. */
  readonly incarnation?: string;
  /** Keeps commands to one warehouse in order also when some must be sent again. */
  readonly ordered?: boolean;
  /** Commands without an answer at a time; the rest waits here. */
  readonly inFlight?: number;
  /** Goes on to the node that owns the token's one warehouse, where hello names another: no detour. */
  readonly follow?: boolean;
  /** A node that owes answers and says nothing for so long is left for the next, ms. Default 5,000. */
  readonly silentMs?: number;
  /** Pushes: `{"event": …}`. */
  readonly onEvent?: (event: Record<string, unknown>) => void;
  /** The link broke or came back. */
  readonly onLink?: (up: boolean, why: string) => void;
}

/** The server will not have us: a bad token, say. Trying again does not help. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

interface Pending {
  readonly n: number;
  readonly message: Message;
  readonly resolve: (answer: AnswerMessage) => void;
  readonly reject: (error: Error) => void;
  sent: boolean;
}

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });
const AGAIN_MS = [50, 100, 200, 400, 800, 1_000];
const SILENT_MS = 5_000;
const HELLO_MS = 6_000;
const FRAME_COMMANDS = 512;
const REFUSED_CLOSE = 4401;
const SUPERSEDED_CLOSE = 4409;

/**
 * A session with exactly-once commands: every command has a number, and what
 * has no answer when the link breaks is sent again under the same number.
 */
export class Client {
  readonly #options: ClientOptions;
  readonly #inFlightMost: number;
  /** In order of their numbers. */
  readonly #pending = new Map<number, Pending>();
  #queue: Pending[] = [];
  #socket: WebSocket | undefined;
  #hello: HelloAnswer | undefined;
  #nextN = 0;
  #lastN = 0;
  #sentUnanswered = 0;
  #flushing = false;
  #closed = false;
  #attempt = 0;
  #url = '';
  /** Which of the urls is in use. */
  #at = 0;
  /** The owner's address, while we are there or on the way. */
  #ledTo: string | undefined;
  #follows: boolean;
  #heardMs = 0;
  /** From the connection to the answer to hello. */
  #isGreeting = false;
  #watch: NodeJS.Timeout | undefined;
  readonly #greeted: Promise<void>;
  #onGreeted: () => void = () => {};
  #onRefused: (e: Error) => void = () => {};

  private constructor(options: ClientOptions) {
    this.#options = options;
    this.#inFlightMost = options.inFlight ?? 4_096;
    this.#follows = options.follow === true;
    this.#greeted = new Promise((resolve, reject) => {
      this.#onGreeted = resolve;
      this.#onRefused = reject;
    });
    this.#greeted.catch(() => {}); // told by connect()
  }

  /** Resolves after hello. Rejects with {@link RefusedError} where the token is refused. */
  static async connect(options: ClientOptions): Promise<Client> {
    const client = new Client(options);
    client.#open();
    await client.#greeted;
    return client;
  }

  /** To go on with this session later: its incarnation. */
  get incarnation(): string {
    return this.#hello?.incarnation ?? '';
  }

  get hello(): HelloAnswer {
    return this.#hello as HelloAnswer;
  }

  /** Sends a command; resolves with its answer, a refusal included, however often the link breaks meanwhile. */
  send(message: Message): Promise<AnswerMessage> {
    return this.sendAs(this.#nextN++, message);
  }

  /**
   * The same under a number of the caller's: to repeat what an earlier run may
   * have sent. Numbers must rise from call to call.
   */
  sendAs(n: number, message: Message): Promise<AnswerMessage> {
    if (this.#closed) return Promise.reject(new Error('this client is closed'));
    if (n <= this.#lastN) return Promise.reject(new Error(`number ${n} after ${this.#lastN}`));
    this.#lastN = n;
    if (n >= this.#nextN) this.#nextN = n + 1;
    return new Promise((resolve, reject) => {
      const pending: Pending = { n, message, resolve, reject, sent: false };
      this.#pending.set(n, pending);
      this.#queue.push(pending);
      this.#scheduleFlush();
    });
  }

  /** Ends the session's connection. What has no answer yet is rejected. */
  close(): void {
    this.#end(new Error('this client was closed'));
  }

  #open(): void {
    const protocol = 'holdfast.v1.msgpack';
    const urls = [this.#options.url].flat();
    const url = this.#ledTo ?? (urls[this.#at % urls.length] as string);
    const socket = new WebSocket(url, protocol, { perMessageDeflate: false });
    this.#socket = socket;
    this.#url = url;
    this.#isGreeting = true;
    this.#heardMs = performance.now();
    this.#watch ??= setInterval(() => this.#leaveSilent(), 250).unref();
    socket.on('open', () => {
      socket.send(packr.pack(this.#helloMessage()));
    });
    socket.on('message', (data: Buffer) => this.#frame(socket, unpackr.unpack(data)));
    socket.on('error', () => {}); // close follows
    socket.on('close', (code, reason) => this.#broke(socket, code, String(reason)));
  }

  #helloMessage(): Record<string, unknown> {
    const { token, client, incarnation, ordered } = this.#options;
    const hello: Record<string, unknown> = { op: 'hello', token };
    if (ordered === true) hello.ordered = true;
    if (client !== undefined) hello.client = client;
    const known = this.#hello?.incarnation ?? incarnation;
    if (known !== undefined) hello.incarnation = known;
    return hello;
  }

  #frame(socket: WebSocket, frame: unknown): void {
    if (socket !== this.#socket) return;
    this.#heardMs = performance.now();
    if (Array.isArray(frame)) {
      for (const answer of frame) this.#answer(answer as AnswerMessage);
      return this.#scheduleFlush();
    }
    const one = frame as Record<string, unknown>;
    if (one.op === 'hello') this.#onHello(one as unknown as HelloAnswer);
    else if (typeof one.event === 'string') this.#options.onEvent?.(one);
    else if (one.n === undefined && one.ok === false)
      this.#onRefused(new RefusedError(String(one.message)));
    else {
      this.#answer(one as unknown as AnswerMessage);
      this.#scheduleFlush();
    }
  }

  #onHello(hello: HelloAnswer): void {
    if (this.#follows && this.#ledTo === undefined && hello.node !== this.#url) {
      return this.#goTo(hello.node);
    }
    if (this.#hello === undefined) this.#nextN = Math.max(this.#nextN, hello.nextN);
    this.#hello = hello;
    this.#isGreeting = false;
    this.#attempt = 0;
    this.#options.onLink?.(true, '');
    this.#onGreeted();
    this.#scheduleFlush();
  }

  /** Says hello there, in the same session or a new one; nothing has been sent yet. */
  #goTo(url: string): void {
    const before = this.#socket;
    this.#ledTo = url;
    this.#open();
    before?.close();
  }

  #answer(answer: AnswerMessage): void {
    const pending = this.#pending.get(answer.n);
    if (pending === undefined) return;
    if (pending.sent) this.#sentUnanswered--;
    pending.sent = false;
    if (!answer.ok && answer.retry) {
      setTimeout(() => {
        this.#queue.push(pending);
        this.#scheduleFlush();
      }, AGAIN_MS[1]);
      return;
    }
    this.#pending.delete(answer.n);
    pending.resolve(answer);
  }

  #broke(socket: WebSocket, code: number, reason: string): void {
    if (socket !== this.#socket || this.#closed) return;
    this.#socket = undefined;
    if (code === REFUSED_CLOSE || code === SUPERSEDED_CLOSE)
      return this.#end(new RefusedError(reason));
    // Where the owner cannot be reached from here, its neighbour has to do.
    if (this.#ledTo !== undefined && this.#isGreeting) this.#follows = false;
    if (this.#ledTo === undefined) this.#at++;
    this.#ledTo = undefined;
    this.#options.onLink?.(false, reason || `closed with ${code}`);
    this.#sentUnanswered = 0;
    for (const pending of this.#pending.values()) pending.sent = false;
    this.#queue = [...this.#pending.values()].sort((a, b) => a.n - b.n);
    const wait = AGAIN_MS[Math.min(this.#attempt++, AGAIN_MS.length - 1)] as number;
    setTimeout(
      () => {
        if (!this.#closed) this.#open();
      },
      wait * (0.5 + Math.random()),
    );
  }

  /** A node that hangs closes nothing. */
  #leaveSilent(): void {
    const { silentMs = SILENT_MS } = this.#options;
    const owes = this.#sentUnanswered > 0 || this.#isGreeting;
    // Hello may have to wait for a shard that changes hands.
    const mostMs = this.#isGreeting ? Math.max(silentMs, HELLO_MS) : silentMs;
    if (!owes) this.#heardMs = performance.now();
    else if (performance.now() - this.#heardMs > mostMs) this.#socket?.terminate();
  }

  /** Commands of one turn of the loop travel in one frame. */
  #scheduleFlush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const socket = this.#socket;
    if (this.#hello === undefined || socket?.readyState !== WebSocket.OPEN) return;
    const most = Math.min(this.#inFlightMost, this.#hello.limits.inFlight);
    while (this.#queue.length > 0 && this.#sentUnanswered < most) {
      const room = Math.min(FRAME_COMMANDS, most - this.#sentUnanswered);
      const batch = this.#queue.splice(0, room).filter((p) => this.#markSent(p));
      if (batch.length === 0) continue;
      const frame = batch.map(({ n, message }) => ({ n, ...message }));
      (frame[0] as { acked?: number }).acked = this.#lowestPending();
      this.#sendFrame(socket, frame);
    }
  }

  /** False where it was answered meanwhile, or stands in the queue twice. */
  #markSent(pending: Pending): boolean {
    if (pending.sent || !this.#pending.has(pending.n)) return false;
    pending.sent = true;
    this.#sentUnanswered++;
    return true;
  }

  /** Halves what is too large for one frame: the server could not tell whose it was. */
  #sendFrame(socket: WebSocket, frame: readonly { readonly n: number }[]): void {
    const [first] = frame;
    const bytes = packr.pack(frame.length === 1 ? first : frame);
    if (bytes.length <= this.hello.limits.frameBytes) {
      socket.send(bytes);
    } else if (frame.length > 1) {
      const half = frame.length >> 1;
      this.#sendFrame(socket, frame.slice(0, half));
      this.#sendFrame(socket, frame.slice(half));
    } else if (first !== undefined) {
      const message = 'This is larger than the limit told in the hello reply. Split it.';
      this.#answer({ n: first.n, ok: false, code: 'too_large', message, retry: false });
    }
  }

  /** Every answer below this number has been read. */
  #lowestPending(): number {
    return (this.#pending.keys().next().value as number | undefined) ?? this.#nextN;
  }

  #end(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    this.#onRefused(error);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    this.#socket?.close();
  }
}
