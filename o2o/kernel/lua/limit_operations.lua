-- limit_operations: count an operation in a window, which the first opens; one that was counted is not one more.
--
-- KEYS[1]  o2o:limit:<what is limited>   a set of operations that ends with its window
-- ARGV[1]  how long a window lasts, seconds
-- ARGV[2]  how many may come in it
-- ARGV[3]  the operation
-- returns  {which one this is, 0 if it was counted before; seconds until the window ends}
--
-- O(1). Holds as many as may come at most. Safe to lose: the next window begins.

local left = redis.call('TTL', KEYS[1])
if redis.call('SISMEMBER', KEYS[1], ARGV[3]) == 1 then return { 0, left } end
local nth = redis.call('SCARD', KEYS[1]) + 1
if nth <= tonumber(ARGV[2]) then
  redis.call('SADD', KEYS[1], ARGV[3])
  if nth == 1 then
    redis.call('EXPIRE', KEYS[1], ARGV[1])
    left = tonumber(ARGV[1])
  end
end
return { nth, left }
