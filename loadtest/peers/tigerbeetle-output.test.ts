import { expect, test } from 'vitest';
import { parseTigerbeetle } from './tigerbeetle-output.ts';

const PRINTED = `
122 batches in 3.12 s
transfer batch size = 8189 txs
transfer batch delay = 0 us
load accepted = 320211 tx/s
batch latency p1   = 9 ms
batch latency p50  = 24 ms
batch latency p99  = 67 ms
batch latency p100 = 91 ms

100 queries in 0.4 s
query latency p99  = 6 ms
`;

test('the rate and the percentiles of batches, not those of queries', () => {
  expect(parseTigerbeetle(PRINTED)).toEqual({
    transfersPerSecond: 320_211,
    batchCommands: 8_189,
    p50Ms: 24,
    p99Ms: 67,
  });
});
test('a version that prints something else is no peer with a rate of 0', () => {
  expect(() => parseTigerbeetle(PRINTED.replace('load accepted', 'throughput'))).toThrow(
    'did not print its rate',
  );
});
