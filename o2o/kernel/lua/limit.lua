-- limit: count one more in a window, which the first opens.
--
-- KEYS[1]  o2o:limit:<what is limited>   a counter that ends with its window
-- ARGV[1]  how long a window lasts, seconds
-- returns  {how many there are now, seconds until the window ends}
--
-- O(1). Safe to lose: the next window begins.

local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('TTL', KEYS[1]) }
