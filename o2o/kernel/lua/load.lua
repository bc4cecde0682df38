-- load: replace everything of a tag by what SQL remembers, and begin an epoch. What that is says a package's loading.py.
--
-- KEYS[1]  meta; KEYS[2…] whatever else the tag has
-- ARGV[1]  head: epoch, server, and where somebody watches: channel, notice
-- ARGV[2…] MessagePack, one for each key that holds something: {n of KEYS, command, values, seconds kept (0: for good)}
-- returns  1, or 0 when refused: another server than the one that said STALE, or an epoch not older than this one
--
-- Atomic, O(rows). Sent once: a load that is delivered again finds its own epoch and is refused.

local META = KEYS[1]
local CHUNK = 4000 -- Lua's stack holds 8,000.

local head = cjson.decode(ARGV[1])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
local epoch = redis.call('HGET', META, 'epoch')
if run .. '/' .. replid ~= head.server or (epoch and tonumber(epoch) >= head.epoch) then return 0 end

redis.call('DEL', unpack(KEYS))
for n = 2, #ARGV do
  local key, command, values, kept_s = unpack(cmsgpack.unpack(ARGV[n]))
  for first = 1, #values, CHUNK do
    redis.call(command, KEYS[key], unpack(values, first, math.min(first + CHUNK - 1, #values)))
  end
  if kept_s > 0 then redis.call('EXPIRE', KEYS[key], kept_s) end
end
if head.channel then redis.call('PUBLISH', head.channel, head.notice) end
return 1
