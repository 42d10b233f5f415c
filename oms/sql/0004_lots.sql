-- The batch ledger: where units of a known lot came from and went to, by batch, with the balance after.
-- And whose document a ledger line is of.

create table batch (
  actor integer not null,
  batch text collate "C" not null,
  start_ms bigint not null,
  expires_at_ms bigint not null,
  sell_until_ms bigint not null,
  kept text not null,
  primary key (actor, batch)
);

-- On hand of one batch in one quality, whole base units.
create table batch_balance (
  actor integer not null,
  batch text collate "C" not null,
  quality smallint not null,
  on_hand bigint not null,
  primary key (actor, batch, quality)
) with (fillfactor = 60);

-- One line for each batch and quality that a move of units touched; a move within the house changes nothing
-- on hand. Units of no batch ('') have no balance of their own here: the ledger has it.
create table batch_line (
  number bigint not null,
  actor_seq bigint not null,
  qty bigint not null,
  change bigint not null,
  after bigint,
  actor integer not null,
  line integer not null,
  shard smallint not null,
  kind smallint not null,
  quality smallint not null,
  quality_from smallint,
  quality_to smallint,
  batch text collate "C" not null,
  place_from text not null,
  place_to text not null,
  doc text collate "C" not null,
  client text not null,
  occurred_at_ms bigint,
  doc_line text collate "C",
  reason text,
  document smallint,
  recorded_at_ms bigint not null,
  primary key (shard, number, line)
);
create index batch_line_actor on batch_line (actor, batch, number);
create index batch_line_doc on batch_line (doc);

-- Which kind of document an act was on; null where there was none.
alter table ledger_line add column document smallint;

-- Names of the numbers in a line.
create function doc_type_of(document smallint, kind smallint) returns text immutable language sql as $$
  select coalesce(
    (array['order', 'asn', 'return', 'supplierReturn', 'transfer', 'count', 'inspection', 'batch',
      'adjustment', 'ownership', 'bundle', 'pool', 'item', 'task'])[document + 1],
    case when kind in (0, 21) then 'receipt' when kind = 10 then 'putback' when kind = 11 then 'adjustment'
      when kind in (12, 13) then 'announcement' when kind in (14, 15, 16) then 'inspection'
      when kind = 18 then 'move' else 'order' end)
$$;
create function event_name(kind smallint) returns text immutable language sql as $$
  select (array['received', 'reserved', 'extended', 'hardened', 'released', 'expired', 'picked', 'packed',
    'shipped', 'cancelled', 'putBack', 'adjusted', 'announced', 'withdrawn', 'blocked', 'unblocked',
    'requalified', 'safetySet', 'moved', 'shorted', 'reassigned', 'unreceived', 'unpicked', 'unpacked'])[kind + 1]
$$;
create function quality_name(quality smallint) returns text immutable language sql as $$
  select (array['qualified', 'defective', 'pending', 'supplierReturn'])[quality + 1]
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
  (array['onHand', 'allocated', 'inTransit'])[l.account + 1] as account,
  l.change, l.after - l.change as before, l.after,
  l.actor as actor_id
from ledger_line l
  join ledger_record r on r.shard = l.shard and r.number = l.number
  join actor a on a.id = l.actor;

create view batch_ledger as
select l.shard, l.number, l.line, a.owner, a.sku, a.warehouse, l.actor_seq, l.batch,
  b.start_ms, b.expires_at_ms, b.sell_until_ms, coalesce(b.kept, '') as kept,
  coalesce(l.occurred_at_ms, l.recorded_at_ms) as occurred_at_ms, l.recorded_at_ms,
  doc_type_of(l.document, l.kind) as doc_type,
  l.doc, coalesce(l.doc_line, l.doc) as doc_line,
  coalesce(l.reason, event_name(l.kind)) as reason,
  l.client as actor,
  quality_name(l.quality) as quality,
  quality_name(l.quality_from) as quality_from,
  quality_name(l.quality_to) as quality_to,
  l.place_from, l.place_to, l.qty,
  l.change, l.after - l.change as before, l.after
from batch_line l
  join actor a on a.id = l.actor
  left join batch b on b.actor = l.actor and b.batch = l.batch;
