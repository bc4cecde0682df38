-- quiet: take the tags in which nothing has happened for a while.
--
-- KEYS[1]  zset: tag by the ms of its last note, and '*', the mark of the notes themselves
-- ARGV[1]  ms: a note at this moment or before is taken
-- returns  {1 when the mark was there, tag…}
--
-- Atomic, O(tags taken). Safe to lose: without the mark the caller looks at every tag.

local kept = redis.call('ZSCORE', KEYS[1], '*') and 1 or 0
if kept == 0 then redis.call('ZADD', KEYS[1], '+inf', '*') end
local answer = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
table.insert(answer, 1, kept)
return answer
