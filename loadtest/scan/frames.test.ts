import { expect, test } from 'vitest';
import { LIMITS } from '../../engine/limits.ts';
import { msgpackCodec } from '../../gateway/codec.ts';
import {
  batchFrame,
  eachFrames,
  encode,
  faultOf,
  isBatchReply,
  isOk,
  isToRetry,
  linesDone,
  reserveFrame,
} from './frames.ts';

const one = (n: number) => ({ n, sku: 'SKU-1', hold: `h-${n}` });
const decode = (frame: Uint8Array): unknown => msgpackCodec.decode(frame);

test('a frame is what the client would send', () => {
  const message = { n: 7, op: 'reserve', sku: 'SKU-1', qty: 1, hold: 'h-7', acked: 7 };
  expect(decode(reserveFrame(one(7)))).toEqual(message);
});
test('the first command of a batch says what was read, the others do not', () => {
  expect(decode(batchFrame([one(7), one(8)]))).toMatchObject([{ n: 7, acked: 7 }, { n: 8 }]);
  expect((decode(batchFrame([one(7), one(8)])) as object[])[1]).not.toHaveProperty('acked');
});
test('frames do not share memory with the encoder', () => {
  const first = reserveFrame(one(1));
  const copy = first.slice();
  reserveFrame(one(2));
  expect(first).toEqual(copy);
});
test('a refusal is not taken for an answer that is ok', () => {
  const ok = Buffer.from(encode({ n: 1, ok: true, seq: 2 }));
  const refused = Buffer.from(encode({ n: 1, ok: false, code: 'insufficient' }));
  expect([isOk(ok), isOk(refused)]).toEqual([true, false]);
});
test('a reply to a batch has as many answers as there were commands', () => {
  const reply = Buffer.from(encode(Array(128).fill({ n: 1, ok: true })));
  expect(isBatchReply(reply, 128)).toBe(true);
  expect(isBatchReply(reply, 127)).toBe(false);
  expect(isBatchReply(Buffer.from(encode(Array(15).fill({ n: 1, ok: true }))), 15)).toBe(true);
  const long = Buffer.concat([Buffer.from([0xdd, 0, 0, 0, 128]), reply.subarray(3)]);
  expect(isBatchReply(long, 128)).toBe(true);
  expect(isBatchReply(Buffer.from(encode(Array(128).fill({ ok: false }))), 128)).toBe(false);
});
test('a refusal anywhere in a batch is seen', () => {
  const replies = [
    ...Array(99).fill({ n: 1, ok: true, seq: 1 }),
    { n: 2, ok: false, code: 'moved' },
  ];
  expect(isBatchReply(Buffer.from(encode(replies)), 100)).toBe(false);
});
test('a frame is to be sent again where all that was refused is to be', () => {
  const [done, moved, short] = [
    { ok: true },
    { ok: false, code: 'moved', retry: true },
    { ok: false, code: 'insufficient', retry: false },
  ];
  const isAgain = (reply: unknown) => isToRetry(Buffer.from(encode(reply)));
  expect([moved, [moved, done], [moved, moved]].map(isAgain)).toEqual([true, true, true]);
  expect([done, [done], short, [moved, short]].map(isAgain)).toEqual([false, false, false, false]);
});
test('columns are cut where a command may hold no more, each under the number of its first', () => {
  const all = Array.from({ length: LIMITS.allLines + 2 }, (_, i) => one(i + 1));
  const cut = decode(eachFrames(all)) as { n: number; sku: string[]; hold: string[] }[];
  expect(cut.map(({ n, sku }) => [n, sku.length])).toEqual([
    [1, LIMITS.allLines],
    [LIMITS.allLines + 1, 2],
  ]);
  expect(cut[1]?.hold).toEqual(['h-1001', 'h-1002']);
});
test('lines that were done are added up, and one command that was refused spoils it', () => {
  const done = [
    { ok: true, done: 1000 },
    { ok: true, done: 2 },
  ];
  expect(linesDone(Buffer.from(encode(done)))).toBe(1002);
  expect(linesDone(Buffer.from(encode([...done, { ok: false }])))).toBeNaN();
});
test('a fault says how many were refused, and why', () => {
  const replies = [
    { n: 1, ok: true },
    { n: 2, ok: false, code: 'overloaded' },
  ];
  expect(faultOf(Buffer.from(encode(replies))).message).toMatch(/^1 of 2 .*overloaded/);
});
