/** The load's own process, so that driver and server do not share a loop. */
import { Client } from '../../client/client.ts';
import type { AnswerMessage } from '../../client/messages.ts';
import { serveParent } from '../child.ts';
import type { Address } from '../scan/greet.ts';
import { Books } from './books.ts';
import { nowMs } from './metronome.ts';
import { OpenLoop } from './open-loop.ts';
import type { Accounts, Order, Run } from './orders.ts';
import { Scanner, type Sent } from './scanner.ts';
import type { Step } from './steps.ts';
import { skuOf, type Work, type WorkPlan, workOf } from './work.ts';

/** Connections that are opened at a time: more than this a listening socket may turn away. */
const DIALLING = 100;
/** Of one `all`. */
const LINES = 500;

const books = new Books();
const scanners: Scanner[] = [];
let work: Work | undefined;
let loop: OpenLoop | undefined;
let runs = 0;

serveParent('ready', async (order: Order): Promise<Run | Accounts | number> => {
  switch (order.kind) {
    case 'connect':
      return connect(order.address, order.scanners);
    case 'receive':
      return receive(order.address, order.plan);
    case 'run':
      work = workOf(order.plan, `run-${++runs}`);
      loop = new OpenLoop({ ...order, scanners, work });
      return loop.run();
    case 'books':
      return books.accounts;
  }
});

/** Until there are so many. Returns how long it took, ms. */
async function connect(address: Address, count: number): Promise<number> {
  const begunMs = nowMs();
  let next = scanners.length;
  const dial = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      const scanner = new Scanner(`scanner-${at}`, address, {
        answered: (sent, answer, atMs) => answered(at, sent, answer, atMs),
        again: () => loop?.again(),
        broke: () => loop?.broke(),
      });
      scanners[at] = scanner;
      await scanner.connect();
    }
  };
  await Promise.all(Array.from({ length: DIALLING }, dial));
  return nowMs() - begunMs;
}

function answered(scanner: number, sent: Sent, answer: AnswerMessage, atMs: number): void {
  loop?.answered(sent, atMs, answer.ok ? undefined : answer.code);
  if (!answer.ok) return;
  books.noteAll([sent.step], answer);
  work?.done(scanner, sent.step, answer.qty ?? 0);
}

/** The goods that are there at the beginning. */
async function receive({ url, token }: Address, plan: WorkPlan): Promise<number> {
  const { warehouse, skus, units: qty } = plan;
  const client = await Client.connect({ url, token, client: 'clerk' });
  const all = Array.from({ length: skus }, (_, i): Step => {
    return { op: 'receive', warehouse, sku: skuOf(i), qty, doc: 'OPENING' };
  });
  for (let at = 0; at < all.length; at += LINES) {
    const commands = all.slice(at, at + LINES);
    const answer = await client.send({ op: 'all', warehouse, commands });
    if (!answer.ok) throw new Error(`the goods cannot be received: ${answer.message}`);
    books.noteAll(commands, answer);
  }
  client.close();
  return skus;
}
