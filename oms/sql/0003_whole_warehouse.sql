-- Units in transit and safety stock: two more counters an actor. `others` has nine of each other quality.

drop view stock;
alter table balance add column in_transit bigint not null default 0;
alter table balance add column safety bigint not null default 0;

create view stock as
select a.owner, a.sku, a.warehouse, a.shard, b.seq,
  b.shelf + b.receiving + b.picked + b.packed as qualified,
  f.free - least(f.free, b.safety) as available,
  least(f.free, b.safety) as safety_held,
  b.shelf, b.receiving, b.picked, b.packed, b.allocated, b.blocked, b.waiting, b.in_transit, b.safety, b.others
from balance b
  join actor a on a.id = b.actor,
  lateral (select b.shelf + b.receiving + b.picked + b.packed - b.allocated - b.blocked as free) f;

-- Kinds of events have grown.
drop view ledger;
create view ledger as
select l.shard, r.epoch, l.number, l.line, replace(r.hash::text, '-', '') as hash,
  a.owner, a.sku, a.warehouse, l.actor_seq,
  coalesce(l.occurred_at_ms, r.recorded_at_ms) as occurred_at_ms, r.recorded_at_ms,
  to_timestamp(coalesce(l.occurred_at_ms, r.recorded_at_ms) / 1000.0) as occurred_at,
  to_timestamp(r.recorded_at_ms / 1000.0) as recorded_at,
  case when l.kind = 0 then 'receipt' when l.kind = 10 then 'putback' when l.kind = 11 then 'adjustment'
    when l.kind in (12, 13) then 'announcement' when l.kind in (14, 15, 16) then 'inspection'
    else 'order' end as doc_type,
  l.doc, coalesce(l.doc_line, l.doc) as doc_line,
  coalesce(l.reason, (array['received', 'reserved', 'extended', 'hardened', 'released', 'expired',
    'picked', 'packed', 'shipped', 'cancelled', 'putBack', 'adjusted', 'announced', 'withdrawn',
    'blocked', 'unblocked', 'requalified', 'safetySet'])[l.kind + 1]) as reason,
  l.client as actor,
  (array['qualified', 'defective', 'pending', 'supplierReturn'])[l.quality + 1] as quality,
  (array['onHand', 'allocated', 'inTransit'])[l.account + 1] as account,
  l.change, l.after - l.change as before, l.after,
  l.actor as actor_id
from ledger_line l
  join ledger_record r on r.shard = l.shard and r.number = l.number
  join actor a on a.id = l.actor;
