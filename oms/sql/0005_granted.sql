-- Units that are out as rights of selling points: a tenth counter of qualified units, and an account of the ledger.

drop view stock;
alter table balance add column granted bigint not null default 0;

create view stock as
select a.owner, a.sku, a.warehouse, a.shard, b.seq,
  b.shelf + b.receiving + b.picked + b.packed as qualified,
  f.free - least(f.free, b.safety) as available,
  least(f.free, b.safety) as safety_held,
  b.shelf, b.receiving, b.picked, b.packed, b.allocated, b.granted, b.blocked, b.waiting, b.in_transit, b.safety, b.others
from balance b
  join actor a on a.id = b.actor,
  lateral (
    select b.shelf + b.receiving + b.picked + b.packed - b.allocated - b.granted - b.blocked as free
  ) f;

-- Kinds of events have grown.
create or replace function doc_type_of(document smallint, kind smallint) returns text immutable language sql as $$
  select coalesce(
    (array['order', 'asn', 'return', 'supplierReturn', 'transfer', 'count', 'inspection', 'batch',
      'adjustment', 'ownership', 'bundle', 'pool', 'item', 'task'])[document + 1],
    case when kind in (0, 21) then 'receipt' when kind = 10 then 'putback' when kind = 11 then 'adjustment'
      when kind in (12, 13) then 'announcement' when kind in (14, 15, 16) then 'inspection'
      when kind = 18 then 'move' when kind in (24, 25) then 'rights' else 'order' end)
$$;
create or replace function event_name(kind smallint) returns text immutable language sql as $$
  select (array['received', 'reserved', 'extended', 'hardened', 'released', 'expired', 'picked', 'packed',
    'shipped', 'cancelled', 'putBack', 'adjusted', 'announced', 'withdrawn', 'blocked', 'unblocked',
    'requalified', 'safetySet', 'moved', 'shorted', 'reassigned', 'unreceived', 'unpicked', 'unpacked',
    'granted', 'regained', 'sold'])[kind + 1]
$$;

drop view ledger;
create view ledger as
select l.shard, r.epoch, l.number, l.line, replace(r.hash::text, '-', '') as hash,
  a.owner, a.sku, a.warehouse, l.actor_seq,
  coalesce(l.occurred_at_ms, r.recorded_at_ms) as occurred_at_ms, r.recorded_at_ms,
  to_timestamp(coalesce(l.occurred_at_ms, r.recorded_at_ms) / 1000.0) as occurred_at,
  to_timestamp(r.recorded_at_ms / 1000.0) as recorded_at,
  doc_type_of(l.document, l.kind) as doc_type,
  l.doc, coalesce(l.doc_line, l.doc) as doc_line,
  coalesce(l.reason, event_name(l.kind)) as reason,
  l.client as actor,
  quality_name(l.quality) as quality,
  (array['onHand', 'allocated', 'inTransit', 'granted'])[l.account + 1] as account,
  l.change, l.after - l.change as before, l.after,
  l.actor as actor_id
from ledger_line l
  join ledger_record r on r.shard = l.shard and r.number = l.number
  join actor a on a.id = l.actor;
