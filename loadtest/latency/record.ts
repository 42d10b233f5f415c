import { GENESIS, seal } from '../../engine/record.ts';
import { command, NOW_MS, stocked } from '../actors/goods.ts';

/** A journal record that holds one reservation, as a shard would write it. */
export function oneReservation(): Uint8Array {
  const outcome = stocked(1).run(command('reserve', 0, 1, 'bench-100000'), NOW_MS);
  const caller = { client: 'bench', incarnation: 'lb5c2k9q.0123456789abcdef' };
  const entry = { caller, n: 100_000, fingerprint: 2 ** 51, all: false, outcome };
  const head = { epoch: 1, number: 100_000, hash: GENESIS, timeMs: NOW_MS };
  const acknowledged = [{ caller, below: 100_000 }];
  return seal(0, head, 1, NOW_MS, { kind: 'batch', entries: [entry], acknowledged }).bytes;
}
