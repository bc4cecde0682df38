-- load: replace everything of a hall by what SQL remembers, and begin an epoch.
--
-- KEYS[1…10] as prelude.lua and hall.lua name them, [11] board, [12] summary, [13] calls, [14] feed, [15…] lines
-- ARGV[1]  head: epoch, server, version, day, day_number, rev, hall, services, live
-- ARGV[2…7] JSON: ticket rows, counter rows, operation ids as [id, ms], last serials by prefix, last calls, channel
-- returns  1, or 0 when refused: another server than the one that said STALE, or an epoch not older than this one
--
-- Atomic, O(rows). Sent once: a load that is delivered again finds its own epoch and is refused.

local META, OPS, REFUSED, REFUSED_UNTIL, JOURNAL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local TICKETS, LIVE, COUNTERS, NUMBERS, HOLDERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local BOARD, SUMMARY, CALLS, FEED = KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local KEPT_S = 2 * 86400

local head = cjson.decode(ARGV[1])
local tickets, counters, ops = cjson.decode(ARGV[2]), cjson.decode(ARGV[3]), cjson.decode(ARGV[4])
local numbers, calls, channel = cjson.decode(ARGV[5]), cjson.decode(ARGV[6]), ARGV[7]

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
local epoch = redis.call('HGET', META, 'epoch')
if run .. '/' .. replid ~= head.server or (epoch and tonumber(epoch) >= head.epoch) then return 0 end

local line_of, live, waiting, heads = {}, {}, {}, 0
for n, service in ipairs(head.services) do line_of[service] = KEYS[14 + n] end
for _, state in ipairs(head.live) do live[state] = true end

redis.call('DEL', unpack(KEYS))

local function place(row)
  redis.call('ZADD', LIVE, row.day_number, row.id)
  row.day_number = nil
  redis.call('HSET', TICKETS, row.id, cjson.encode(row))
  redis.call('HSET', BOARD, 't:' .. row.id, cjson.encode(public(row)))
  if row.day ~= head.day or not live[row.state] then return end
  heads = heads + 1
  if row.holder then redis.call('HSET', HOLDERS, row.service .. ':' .. row.holder, row.id) end
  if row.state ~= 'waiting' then return end
  waiting[row.service] = (waiting[row.service] or 0) + 1
  if line_of[row.service] then redis.call('ZADD', line_of[row.service], string.format('%.17g', row.turn), row.id) end
end

for _, row in ipairs(tickets) do place(row) end
for _, row in ipairs(counters) do
  redis.call('HSET', COUNTERS, row.id, cjson.encode(row))
  redis.call('HSET', BOARD, 'c:' .. row.id, cjson.encode(row))
end
for _, op in ipairs(ops) do redis.call('ZADD', OPS, op[2], op[1]) end
for prefix, serial in pairs(numbers) do redis.call('HSET', NUMBERS, prefix, serial) end
for n = #calls, 1, -1 do redis.call('LPUSH', CALLS, cjson.encode(public(calls[n]))) end
for _, key in ipairs({ NUMBERS, HOLDERS }) do redis.call('EXPIRE', key, KEPT_S) end
for _, line in pairs(line_of) do redis.call('EXPIRE', line, KEPT_S) end

redis.call('HSET', META, 'epoch', head.epoch, 'server', head.server, 'version', head.version,
  'committed', head.version, 'day', head.day, 'rev', head.rev, 'head_count', heads)
redis.call('HSET', SUMMARY, 'epoch', head.epoch, 'version', head.version, 'day', head.day, 'head_count', heads)
for service, count in pairs(waiting) do redis.call('HSET', SUMMARY, 'waiting:' .. service, count) end
redis.call('PUBLISH', channel, cjson.encode({ hall = head.hall, epoch = head.epoch, loaded = head.version }))
return 1
