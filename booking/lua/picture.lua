-- picture: a hall as everybody may see it, at one instant.
--
-- KEYS[1] board, KEYS[2] summary, KEYS[3] calls
-- returns  {epoch, version, day, board flat, calls}; nothing when the hall is not loaded
--
-- Reads only. O(live tickets).

local summary = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'day')
if not summary[1] then return nil end
return { summary[1], summary[2], summary[3], redis.call('HGETALL', KEYS[1]), redis.call('LRANGE', KEYS[3], 0, -1) }
