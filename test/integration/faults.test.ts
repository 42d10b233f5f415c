import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Client } from '../../client/client.ts';
import type { AnswerMessage } from '../../client/messages.ts';
import { Opened } from '../../loadtest/opened.ts';
import { Audit } from '../faults/audit.ts';
import { Books } from '../faults/books.ts';
import { runScenario, SCENARIOS } from '../faults/faults.ts';
import { asking } from '../faults/rounds.ts';
import { Up } from '../faults/up.ts';
import { ownFolder } from '../support/up.ts';

/** The cheaper ones; `npm run faults` has them all. */
const CHEAP: readonly (readonly [string, number])[] = [
  ['nats-kill', 2],
  ['all-kill', 2],
  ['power-cut', 1],
  ['failover', 2],
];

describe('faults', { timeout: 240_000 }, () => {
  test.for(CHEAP)('P1 P2 P8 %s: nothing lost, nothing doubled', async ([name, rounds], context) => {
    const scenario = SCENARIOS.find((s) => s.name === name);
    if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
    const row = await runScenario(scenario, { rounds });
    if (row.skipped !== undefined) context.skip(row.skipped);
    expect(row).toMatchObject({ rounds, lost: 0, doubled: 0 });
    expect(row.wrong).toBeUndefined();
    expect(row.acknowledged).toBeGreaterThan(0);
  });
});

describe('the audit of the faults', () => {
  const opened = new Opened();
  let up: Up;
  let client: Client;

  beforeEach(async () => {
    const folder = await ownFolder();
    opened.add(folder.remove);
    up = await Up.start(opened, `${folder.dir}/data`, { sync: '2m' });
    client = await Client.connect({ url: up.ready.ws, token: up.ready.token });
    opened.add(async () => client.close());
  });

  afterEach(() => opened.close());

  const receive = async (books: Books, doc: string): Promise<AnswerMessage> => {
    const message = { op: 'receive', sku: 'TEA', warehouse: 'W1', qty: 2, doc } as const;
    const answer = await client.send(message);
    books.note('receive', doc, 'W1', ['TEA'], answer);
    return answer;
  };
  const audited = async (books: Books): Promise<Books> => {
    await asking(up.ready, (nats) => new Audit(books).end(nats));
    return books;
  };

  test('finds nothing wrong with what was acknowledged once, and sees what was not', async () => {
    const books = new Books();
    const answer = await receive(books, 'A');
    expect(await audited(books)).toMatchObject({ lost: 0, doubled: 0, wrong: [] });

    await receive(new Books(), 'B'); // booked by nobody
    expect((await audited(books)).doubled).toBeGreaterThan(0);

    const lost = new Books();
    lost.note('receive', 'A', 'W1', ['TEA'], answer);
    const next = { ...answer, seq: 3 };
    lost.note('receive', 'C', 'W1', ['TEA'], next); // told, and not there
    expect((await audited(lost)).lost).toBeGreaterThan(0);

    const twice = new Books();
    twice.note('receive', 'A', 'W1', ['TEA'], answer);
    twice.note('receive', 'D', 'W1', ['TEA'], answer);
    expect(twice.lost).toBe(1);
  });
});
