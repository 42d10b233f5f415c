/** What a reservation checks, as a Redis user would write it: the hold is new, the units are there. */
export const RESERVE = `
local available = tonumber(redis.call('GET', KEYS[1]))
local qty = tonumber(ARGV[1])
if not available or available < qty then return -1 end
if not redis.call('SET', KEYS[2], qty, 'NX') then return -2 end
return redis.call('DECRBY', KEYS[1], qty)
`;

/** What a sale asks of a counter: take units where they are there. It keeps no order. */
export const COUNT = `
local available = tonumber(redis.call('GET', KEYS[1]))
if not available or available < tonumber(ARGV[1]) then return -1 end
return redis.call('DECRBY', KEYS[1], ARGV[1])
`;

export const stockKey = (i: number): string => `stock:${i}`;
export const holdKey = (i: number, hold: string): string => `hold:${i}:${hold}`;
