-- Several regions in one store. `shard` in every table is the centre's number of a shard:
-- 64 times the number of its region, and its number there.

create table region (
  number smallint primary key,
  name text collate "C" not null unique
);

-- What was kept before is of one region, whose name was not. It is given when the store is next opened.
insert into region (number, name) select 0, '' where exists (select 1 from watermark);

-- Which shard of which region stands behind a number.
create view place as
select w.shard, r.name as region, w.shard - 64 * r.number as shard_of_region
from watermark w join region r on r.number = w.shard / 64;
