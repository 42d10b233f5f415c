import { describe, expect, it } from 'vitest';
import type { ActorKey } from '../actors/ids.ts';
import { refuse } from '../actors/outcomes.ts';
import type { Done, Seen } from '../engine/settled.ts';
import { refusalOf, replyOf, stockPush } from './replies.ts';
import { Reply, StockPush } from './schemas.ts';

const BALANCES = [7, 1, 1, 1, 4, 2, 3, 6, 1, 2];
const STOCK = {
  onHand: 10,
  qualified: 10,
  defective: 0,
  pending: 0,
  supplierReturn: 0,
  allocated: 4,
  picked: 1,
  packed: 1,
  inTransit: 6,
  available: 1,
  blocked: 2,
  granted: 2,
  safetyHeld: 1,
  waiting: 3,
};
const line = (expiresAtMs = 0) => ({ seq: 9, qty: 2, after: BALANCES, expiresAtMs });
const done = (all: boolean, ...results: Done['results']): Done => ({
  ok: true,
  kind: 'done',
  all,
  results,
});

const same = (reply: unknown): unknown => {
  expect(Reply.parse(reply)).toEqual(reply);
  return reply;
};

describe('a reply', () => {
  it('says what was done and what is left', () => {
    const reply = { n: 17, ok: true, seq: 9, qty: 2, stock: STOCK };
    expect(same(replyOf(17, done(false, line())))).toEqual(reply);
  });

  it('has no number where the caller gave none', () => {
    expect(same(replyOf(0, done(false, line())))).not.toHaveProperty('n');
    expect(same(refusalOf(0, refuse('malformed')))).not.toHaveProperty('n');
  });

  it('says when a soft hold ends', () => {
    expect(same(replyOf(17, done(false, line(1_700_000_000_000))))).toMatchObject({
      expiresAt: 1_700_000_000_000,
    });
  });

  it('to an all is a list, also of one line', () => {
    const reply = { n: 17, ok: true, results: [{ seq: 9, qty: 2, stock: STOCK }] };
    expect(same(replyOf(17, done(true, line())))).toEqual(reply);
  });

  it('C1 says that it is not committed yet, a refusal too', () => {
    expect(same(replyOf(17, done(false, line()), false))).toMatchObject({ committed: false });
    expect(same(replyOf(17, done(true, line()), false))).toMatchObject({ committed: false });
    expect(same(replyOf(17, refuse('insufficient', 3, 2), false))).toMatchObject({
      ok: false,
      committed: false,
    });
    expect(replyOf(17, done(false, line()))).not.toHaveProperty('committed');
  });

  it('to a read has the hold that was asked for', () => {
    const seen: Seen = { ok: true, kind: 'seen', seq: 9, after: BALANCES, hold: undefined };
    expect(same(replyOf(17, seen))).toEqual({ n: 17, ok: true, seq: 9, stock: STOCK });
    const hold = {
      ...{ doc: 'SO-1', qty: 4, soft: 1, expiresAtMs: 5 },
      ...{ waiting: 0, picked: 1, packed: 1, shipped: 0 },
    };
    expect(same(replyOf(17, { ...seen, hold }))).toMatchObject({ hold });
  });

  it('tells of other qualities only what they have', () => {
    const after = [
      ...BALANCES,
      ...[3, 0, 0, 0, 1, 0, 0, 0, 0, 0],
      ...[5, ...Array<number>(9).fill(0)],
    ];
    after.push(...Array<number>(10).fill(0));
    expect(same(replyOf(17, done(false, { ...line(), after })))).toMatchObject({
      stock: {
        ...STOCK,
        onHand: 18,
        defective: 3,
        pending: 5,
        qualities: { defective: { onHand: 3, allocated: 1, available: 2 } },
      },
    });
  });
});

describe('a refusal', () => {
  it('S8 has the code, a sentence, and whether to send it again', () => {
    expect(same(refusalOf(17, refuse('insufficient', 5, 1)))).toEqual({
      n: 17,
      ok: false,
      code: 'insufficient',
      message: 'Only 1 of 5 are available.',
      available: 1,
      retry: false,
    });
    expect(same(refusalOf(17, refuse('moved')))).toMatchObject({ retry: true });
  });

  it('S8 names the line of an all, the first one too', () => {
    expect(same(refusalOf(17, { ...refuse('insufficient', 5, 0), line: 0 }))).toMatchObject({
      available: 0,
      line: 0,
    });
  });
});

it('a push names the actor in its parts', () => {
  const event = {} as Parameters<typeof stockPush>[0]['event']; // it is not told
  const push = stockPush({ key: 'demo/a/b@c@W1' as ActorKey, seq: 9, event, after: BALANCES });
  expect(StockPush.parse(push)).toEqual(push);
  expect(push).toEqual({
    event: 'stock',
    owner: 'demo',
    sku: 'a/b@c',
    warehouse: 'W1',
    seq: 9,
    stock: STOCK,
  });
});
