-- lead: take, keep or give up the lead of what time brings. `o2o worker` goes before the processes that serve.
--
-- KEYS[1]  {o2o:time}:leader   the process that leads
-- KEYS[2]  {o2o:time}:worker   there while an `o2o worker` lives
-- ARGV[1]  this process
-- ARGV[2]  '1' when it is an `o2o worker`
-- ARGV[3]  ms that it lasts unless it is renewed; 0 to give it up
-- returns  1 when this process leads
--
-- O(1). Safe to lose: the next who asks leads. Two leaders for a moment do no harm, as jobs may run twice.

local leader, worker = KEYS[1], KEYS[2]
local me, is_worker, lasts = ARGV[1], ARGV[2] == '1', tonumber(ARGV[3])
local holder = redis.call('GET', leader)
local mine = holder == me

if lasts == 0 then
  if mine then redis.call('DEL', leader) end
  if is_worker then redis.call('DEL', worker) end
  return 0
end

-- DEL before SET: a Redis that is full refuses what takes room, but nothing that comes after a write.
if is_worker then
  redis.call('DEL', worker)
  redis.call('SET', worker, me, 'PX', lasts)
elseif redis.call('EXISTS', worker) == 1 then
  if mine then redis.call('DEL', leader) end
  return 0
end

if holder and not mine then return 0 end
redis.call('DEL', leader)
redis.call('SET', leader, me, 'PX', lasts)
return 1
