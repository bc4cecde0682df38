-- attempt: count one attempt at a sign-in, or say how long to wait for the next.
--
-- KEYS[1]  o2o:sign-in:<what is limited>   hash: n (attempts), after (ms since 1970: the next may come)
-- ARGV[1]  now, ms since 1970
-- ARGV[2]  attempts that are free of any delay
-- ARGV[3]  the longest delay, ms
-- ARGV[4]  how long attempts are remembered, ms
-- returns  0 when the attempt may be made, else ms to wait
--
-- O(1). The delay doubles with each attempt; one that came too early is not counted, so nobody is ever locked out.
-- Safe to lose: the next attempts are free again.

local key = KEYS[1]
local now, free, longest, memory = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', key, 'n', 'after')
local n, after = tonumber(known[1] or 0) + 1, tonumber(known[2] or 0)

if now < after then
  return after - now
end

if n > free then
  after = now + math.min(longest, 1000 * 2 ^ math.min(n - free - 1, 20))
end
redis.call('HSET', key, 'n', n, 'after', string.format('%d', after))
redis.call('PEXPIRE', key, memory)
return 0
