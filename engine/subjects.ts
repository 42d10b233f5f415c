import type { OwnerId, SkuId, WarehouseId } from '../actors/ids.ts';
import type { HomeName } from '../actors/rights/acts.ts';

/** Every NATS name in one place. Tokens are escaped here and nowhere else. */

/** `A–Z a–z 0–9 _ -` stand for themselves; every other byte is `=` and two hex digits. */
export function escapeToken(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/gu, (c) =>
    [...new TextEncoder().encode(c)]
      .map((byte) => `=${byte.toString(16).padStart(2, '0').toUpperCase()}`)
      .join(''),
  );
}

export function unescapeToken(token: string): string {
  return decodeURIComponent(token.replaceAll('=', '%'));
}

export const commandSubject = (warehouse: string): string => `inv.cmd.${warehouse}`;
export const ALL_COMMANDS = 'inv.cmd.*';

export const journalSubject = (region: string, shard: number): string =>
  `inv.log.${region}.${shard}`;
export const journalStream = (region: string, shard: number): string => `LOG_${region}_${shard}`;
export const snapshotBucket = (region: string, shard: number): string => `SNAP_${region}_${shard}`;
export const leaseBucket = (region: string): string => `LEASE_${region}`;
export const leaseKey = (shard: number): string => `shard.${shard}`;

/** What a region's node answers about one of its shards: position and digest. */
export const shardInfoSubject = (region: string, shard: number): string =>
  `inv.shard.${region}.${shard}.info`;

/** What selling points say to the home of one shard. */
export const homeSubject = (home: HomeName): string => `inv.rights.home.${home}`;
/** What homes say to a selling point. */
export const pointSubject = (point: string): string => `inv.rights.point.${point}`;
/** Where orders come to a selling point, from shops and from other points. */
export const sellSubject = (point: string): string => `inv.sell.${point}`;
/** Where the centre says what can be sold. */
export const availabilitySubject = 'inv.oms.availability';
/** Whether a selling point can be reached. */
export const reachSubject = (point: string): string => `inv.rights.reach.${point}`;
export const sentOnSubject = (point: string): string => `inv.rights.sell.${point}`;
/** What operators ask about rights, of every node: `explain`, `bury`, `leave`, `flash`, `pools`. */
export const rightsAdminSubject = (what: string): string => `inv.rights.admin.${what}`;

/** Where the scheduler at the hub tells a home the usual shares of its SKUs. */
export const scheduleSubject = (home: HomeName): string => `inv.schedule.home.${home}`;
/** Where a home says that it knows none. */
export const SCHEDULE_ASK = 'inv.schedule.ask';
/** Where nodes say what was sold through each channel. */
export const SCHEDULE_SOLD = 'inv.schedule.sold';
/** The hub's KV bucket of what owners sold through each channel. */
export const SCHEDULE_BUCKET = 'SCHEDULE';

/** Where people ask a region about the rules of owners. */
export const rulesSubject = (region: string): string => `inv.rules.${region}`;
/** Where the nodes of all regions say which rules they have. */
export const RULES_HELLO = 'inv.sync.rules.hello';
/** What one node tells another of rules. */
export const rulesPeerSubject = (peer: string): string => `inv.sync.rules.to.${escapeToken(peer)}`;

/** Where the nodes of a region say that they live. */
export const aliveSubject = (region: string): string => `inv.node.${region}.alive`;
/** A shard's committed changes, while another node has watchers for them. */
export const changesSubject = (region: string, shard: number): string =>
  `inv.shard.${region}.${shard}.changes`;
/** What one node of a region asks of another about a shard: `command`, `handover` or `next`. */
export const peerSubject = (region: string, node: string, what: string, shard: number): string =>
  `inv.node.${region}.${escapeToken(node)}.${what}.${shard}`;

/** Where a region's nodes take what a transfer from another region has to tell. */
export const errandSubject = (region: string): string => `inv.errand.${region}`;

/** Where the centre says how far it has durably read one shard. */
export const watermarkSubject = (region: string, shard: number): string =>
  `inv.oms.watermark.${region}.${shard}`;

/** Last values live in this KV bucket; every write to it goes out on {@link stockSubject} too. */
export const STOCK_BUCKET = 'STOCK';
export const stockKey = (owner: OwnerId, warehouse: WarehouseId, sku: SkuId): string =>
  `${owner}.${warehouse}.${escapeToken(sku)}`;
export const stockSubject = (owner: OwnerId, warehouse: WarehouseId, sku: SkuId): string =>
  `inv.stock.${stockKey(owner, warehouse, sku)}`;
export const ALL_STOCK = 'inv.stock.>';
/** Where the home of a SKU says what channels may sell of it. */
export const poolsSubject = (owner: OwnerId, warehouse: WarehouseId, sku: SkuId): string =>
  `inv.pools.${stockKey(owner, warehouse, sku)}`;

/** FNV-1a over UTF-16 units, mixed: the slot of a warehouse. Never change it: stock would move. */
export function slotOf(warehouse: string, shards: number): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < warehouse.length; i++) {
    h = Math.imul(h ^ warehouse.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) % shards;
}
