-- announce: SQL has everything up to a version; the journal need not keep it.
--
-- KEYS[1] meta, KEYS[2] journal
-- ARGV[1] the epoch, ARGV[2] the version up to which SQL has everything
-- returns  how many entries were trimmed, or 0 when another epoch has begun
--
-- Atomic, O(entries). Safe to lose: the place is loaded anew from SQL. Nobody watches stock: pages read SQL.

local META, JOURNAL = KEYS[1], KEYS[2]
local epoch, version = ARGV[1], tonumber(ARGV[2])

if redis.call('HGET', META, 'epoch') ~= epoch then return 0 end
local committed = math.max(version, tonumber(redis.call('HGET', META, 'committed')))
-- In this order: a full Redis refuses what takes room, but nothing that comes after a write.
local trimmed = redis.call('XTRIM', JOURNAL, 'MINID', string.format('%d', committed + 1) .. '-0')
redis.call('HSET', META, 'committed', string.format('%d', committed))
return trimmed
