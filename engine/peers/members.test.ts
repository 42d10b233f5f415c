import { describe, expect, it } from 'vitest';
import { rendezvous } from './members.ts';

const nodes = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ node: `node-${i}`, url: `ws://${i}` }));
const SHARDS = Array.from({ length: 1_000 }, (_, shard) => shard);
const owners = (count: number): string[] =>
  SHARDS.map((shard) => rendezvous(shard, nodes(count))?.node ?? '');

describe('rendezvous hashing', () => {
  it('gives nothing to nobody, and all to one', () => {
    expect(rendezvous(1, [])).toBeUndefined();
    expect(new Set(owners(1))).toEqual(new Set(['node-0']));
  });

  it('does not depend on the order in which nodes are known', () => {
    for (const shard of SHARDS) {
      expect(rendezvous(shard, nodes(5).reverse())).toEqual(rendezvous(shard, nodes(5)));
    }
  });

  it.each([2, 3, 5, 8])('gives each of %i nodes about its share', (count) => {
    const shares = new Map<string, number>();
    for (const node of owners(count)) shares.set(node, (shares.get(node) ?? 0) + 1);
    expect(shares.size).toBe(count);
    for (const share of shares.values()) {
      expect(share).toBeGreaterThan((0.7 * SHARDS.length) / count);
      expect(share).toBeLessThan((1.3 * SHARDS.length) / count);
    }
  });

  it.each([1, 2, 3, 7])('moves only the share of a node that joins %i others', (count) => {
    const [before, after] = [owners(count), owners(count + 1)];
    const moved = SHARDS.filter((shard) => before[shard] !== after[shard]);
    expect(moved.every((shard) => after[shard] === `node-${count}`)).toBe(true);
    expect(moved.length).toBeGreaterThan(0);
  });
});
