import {
  actorKey,
  type HoldId,
  type OwnerId,
  type SkuId,
  type WarehouseId,
} from '../../actors/ids.ts';
import type { Refused } from '../../actors/outcomes.ts';
import { BLANK, type StockCommand } from '../../actors/stock/commands.ts';
import { Stockroom } from '../../actors/stock/stockroom.ts';
import {
  type Body,
  type Entry,
  GENESIS,
  type Head,
  type Sealed,
  seal,
} from '../../engine/record.ts';

const FIRST: StockCommand = {
  op: 'receive',
  key: actorKey('demo' as OwnerId, 'A1' as SkuId, 'W1' as WarehouseId),
  owner: 'demo' as OwnerId,
  sku: 'A1' as SkuId,
  warehouse: 'W1' as WarehouseId,
  ...BLANK,
};

/** A command as tests write it: plain strings, and only the fields that matter. */
export type Step = Partial<Omit<StockCommand, 'owner' | 'sku' | 'warehouse' | 'hold' | 'key'>> & {
  readonly owner?: string;
  readonly sku?: string;
  readonly warehouse?: string;
  readonly hold?: string;
};

/** Makes the journal of one shard by real decisions and real records, without a node. */
export class JournalMaker {
  readonly shard: number;
  readonly stockroom = new Stockroom();
  head: Head = { epoch: 1, number: 0, hash: GENESIS, timeMs: 1_700_000_000_000 };
  /** The command decided last. */
  last: StockCommand = FIRST;
  #entries: Entry[] = [];
  #n = 0;

  constructor(shard = 0) {
    this.shard = shard;
  }

  /** Decides one step for the next record. Throws if it is refused. */
  run(step: Step, client = 'floor'): this {
    const refused = this.attempt(step, client);
    if (refused !== undefined) throw new Error(`${step.op} was refused: ${refused.code}`);
    return this;
  }

  /** The same, but says why it is refused. */
  attempt(step: Step, client = 'floor'): Refused | undefined {
    this.last = commandOf(step);
    const outcome = this.stockroom.run(this.last, this.head.timeMs + 1);
    const caller = { client, incarnation: 'i1' };
    this.#entries.push({ caller, n: ++this.#n, fingerprint: 0, all: false, outcome });
    return outcome.ok ? undefined : outcome;
  }

  /** The next record, with everything decided since the last one. */
  record(): Sealed {
    const entries = this.#entries;
    this.#entries = [];
    return this.seal({ kind: 'batch', entries, acknowledged: [] });
  }

  seal(body: Body): Sealed {
    const sealed = seal(this.shard, this.head, this.head.epoch, this.head.timeMs + 1, body);
    this.head = sealed.head;
    return sealed;
  }
}

function commandOf(step: Step): StockCommand {
  const owner = (step.owner ?? FIRST.owner) as OwnerId;
  const sku = (step.sku ?? FIRST.sku) as SkuId;
  const warehouse = (step.warehouse ?? FIRST.warehouse) as WarehouseId;
  const hold = (step.hold ?? '') as HoldId;
  return { ...FIRST, ...step, owner, sku, warehouse, hold, key: actorKey(owner, sku, warehouse) };
}
