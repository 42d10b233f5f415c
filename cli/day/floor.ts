import type { DocumentKind } from '../../actors/documents/commands.ts';
import { Client } from '../../client/client.ts';
import type { AnswerMessage, Message } from '../../client/messages.ts';

/** What an answer has, as far as the day looks at it. */
export interface Told {
  readonly ok: boolean;
  readonly status?: string;
  readonly code?: string;
  readonly message?: string;
  readonly seq?: number;
  readonly stock?: Readonly<Record<string, number>>;
  readonly document?: { readonly status: string; readonly [field: string]: unknown };
}

/** One warehouse's scanner: sends frames, prints what is said, and insists that it is what should be. */
export class Floor {
  readonly #client: Client;
  readonly #warehouse: string;
  readonly #print: (line: string) => void;
  /** Answers that were not as they should be. */
  readonly problems: string[] = [];

  private constructor(client: Client, warehouse: string, print: (line: string) => void) {
    this.#client = client;
    this.#warehouse = warehouse;
    this.#print = print;
  }

  static async open(
    target: { readonly url: string; readonly token: string },
    warehouse: string,
    print: (line: string) => void,
  ): Promise<Floor> {
    const client = await Client.connect({
      ...target,
      client: `scanner-${warehouse}`,
      ordered: true,
    });
    return new Floor(client, warehouse, print);
  }

  close(): void {
    this.#client.close();
  }

  /** Sends one frame and tells what it was for. `want` is the status that it must lead to, or the code that it must be refused with. */
  async scan(what: string, message: Message, want: string): Promise<Told> {
    const told = await this.#ask(message);
    const got = told.ok ? (told.status ?? 'done') : (told.code ?? '');
    const mark = got === want ? ' ' : '!';
    const refusal = told.ok ? '' : `  “${told.message}”`;
    const op = `${message.op} ${'doc' in message ? message.doc : ''}`.trim();
    this.#print(
      `${mark} ${this.#warehouse}  ${what.padEnd(58)} ${op.padEnd(24)} ${told.ok ? '→' : '✗'} ${got}${refusal}`,
    );
    if (got !== want) this.problems.push(`${what}: ${op} gave ${got}, not ${want}`);
    return told;
  }

  /** The stock as it is committed; not printed. */
  read(sku: string): Promise<Told> {
    return this.#ask({ op: 'read', sku, read: 'strict' });
  }

  document(kind: DocumentKind, doc: string, more: object = {}): Promise<Told> {
    return this.#ask({ op: `${kind}.read`, doc, read: 'strict', ...more });
  }

  async #ask(message: Message): Promise<Told> {
    const answer: AnswerMessage = await this.#client.send({
      warehouse: this.#warehouse,
      ...message,
    });
    return answer as unknown as Told;
  }
}

const PATIENCE_MS = 30_000;
const LOOK_MS = 50;

/** Looks again until it is so. Throws if that does not come. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
