-- picture: a hall as everybody may see it, at one instant.
--
-- KEYS[1] board, KEYS[2] summary, KEYS[3] calls
-- returns  {summary flat, board flat, calls}; nothing when the hall is not loaded
--
-- Reads only. O(live tickets).

local summary = redis.call('HGETALL', KEYS[2])
if not summary[1] then return nil end
return { summary, redis.call('HGETALL', KEYS[1]), redis.call('LRANGE', KEYS[3], 0, -1) }
