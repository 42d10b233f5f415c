import type { Ask } from '../../engine/mailbox.ts';
import type { JournalRecord } from '../../engine/record.ts';
import { Failure } from './failure.ts';
import { keyOf } from './sent.ts';

/** ③ First come, first served: entries of a record are in the order in which their commands came. */
export class Arrivals {
  /** By process run and shard, then by number and content: when each copy came that still waits. */
  readonly #waiting = new Map<string, Map<string, Map<Ask, number>>>();
  #count = 0;

  arrived(life: string, shard: number, ask: Ask): void {
    const waiting = this.#at(life, shard);
    const key = `${keyOf(ask.caller, ask.n)} ${ask.fingerprint}`;
    waiting.set(key, (waiting.get(key) ?? new Map()).set(ask, ++this.#count));
  }

  answered(life: string, shard: number, ask: Ask): void {
    this.#at(life, shard)
      .get(`${keyOf(ask.caller, ask.n)} ${ask.fingerprint}`)
      ?.delete(ask);
  }

  decided(life: string, shard: number, { body, number }: JournalRecord): void {
    if (body.kind !== 'batch') return;
    const waiting = this.#at(life, shard);
    let before = 0;
    for (const { caller, n, fingerprint } of body.entries) {
      const [at = before] = waiting.get(`${keyOf(caller, n)} ${fingerprint}`)?.values() ?? [];
      if (at < before)
        throw new Failure('③ order', `record ${number}: ${keyOf(caller, n)} overtook`);
      before = at;
    }
  }

  #at(life: string, shard: number): Map<string, Map<Ask, number>> {
    const key = `${life} ${shard}`;
    const waiting = this.#waiting.get(key) ?? new Map<string, Map<Ask, number>>();
    this.#waiting.set(key, waiting);
    return waiting;
  }
}
