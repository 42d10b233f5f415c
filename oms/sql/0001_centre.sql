-- What the centre keeps. One row a fact; the views below are for people and reports.

-- How far each shard's journal has been read. Moves in the same transaction as the rows it stands for.
create table watermark (
  shard smallint primary key,
  seq bigint not null,
  epoch integer not null,
  number bigint not null,
  hash text not null,
  time_ms bigint not null
);

-- One owner's SKU in one warehouse. The number keeps ledger lines narrow.
create table actor (
  id integer primary key,
  shard smallint not null,
  owner text collate "C" not null,
  sku text collate "C" not null,
  warehouse text collate "C" not null,
  unique (owner, sku, warehouse)
);

-- The last balances of each actor, whole base units. `others` are the same seven counters of each
-- of the other qualities in turn, null until first used. Rows change in place, hence the free room.
create table balance (
  actor integer primary key,
  seq bigint not null,
  shelf bigint not null,
  receiving bigint not null,
  picked bigint not null,
  packed bigint not null,
  allocated bigint not null,
  blocked bigint not null,
  waiting bigint not null,
  others bigint[]
) with (fillfactor = 60);

-- One line for each account that an event changed. Names are numbers here; the view `ledger` has the names.
create table ledger_line (
  number bigint not null,
  actor_seq bigint not null,
  occurred_at_ms bigint not null,
  recorded_at_ms bigint not null,
  change bigint not null,
  after bigint not null,
  hash uuid not null,
  epoch integer not null,
  line integer not null,
  actor integer not null,
  shard smallint not null,
  kind smallint not null,
  quality smallint not null,
  account smallint not null,
  doc text collate "C" not null,
  doc_line text collate "C" not null,
  reason text not null,
  client text not null,
  primary key (shard, number, epoch, line)
);

-- One actor's lines in commit order.
create index ledger_line_actor on ledger_line (actor, number);

-- Lines of one document lie close together: a bloom filter for every 32 pages finds them at a
-- twentieth of the cost of a tree. New pages are added by brin_summarize_new_values.
create index ledger_line_doc on ledger_line
  using brin (doc text_bloom_ops (n_distinct_per_range = 500)) with (pages_per_range = 32);

create view stock as
select a.owner, a.sku, a.warehouse, a.shard, b.seq,
  b.shelf + b.receiving + b.picked + b.packed as qualified,
  b.shelf + b.receiving + b.picked + b.packed - b.allocated - b.blocked as available,
  b.shelf, b.receiving, b.picked, b.packed, b.allocated, b.blocked, b.waiting, b.others
from balance b join actor a on a.id = b.actor;

create view ledger as
select l.shard, l.epoch, l.number, l.line, replace(l.hash::text, '-', '') as hash,
  a.owner, a.sku, a.warehouse, l.actor_seq,
  l.occurred_at_ms, l.recorded_at_ms,
  to_timestamp(l.occurred_at_ms / 1000.0) as occurred_at,
  to_timestamp(l.recorded_at_ms / 1000.0) as recorded_at,
  case when l.kind = 0 then 'receipt' when l.kind = 10 then 'putback' when l.kind = 11 then 'adjustment'
    else 'order' end as doc_type,
  l.doc, l.doc_line,
  case when l.reason <> '' then l.reason else (array['received', 'reserved', 'extended', 'hardened',
    'released', 'expired', 'picked', 'packed', 'shipped', 'cancelled', 'putBack', 'adjusted'])[l.kind + 1]
    end as reason,
  l.client as actor,
  (array['qualified', 'defective', 'pending', 'supplierReturn'])[l.quality + 1] as quality,
  (array['onHand', 'allocated', 'inTransit'])[l.account + 1] as account,
  l.change, l.after - l.change as before, l.after,
  l.actor as actor_id
from ledger_line l join actor a on a.id = l.actor;
