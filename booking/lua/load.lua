-- load: replace everything of a hall by what SQL remembers, and begin an epoch.
--
-- KEYS[1…11] as prelude.lua and hall.lua name them, [12] board, [13] summary, [14] calls, [15] feed, [16…] lines
-- ARGV[1]  head: epoch, server, version, day, day_number, rev, hall, places, classes, live, heads
-- ARGV[2…9] JSON: ticket rows, counter rows, share rows, the pause (or false), operation ids as [id, ms], last serials by
--          prefix, last calls; then the channel
-- returns  1, or 0 when refused: another server than the one that said STALE, or an epoch not older than this one
--
-- Atomic, O(rows). Sent once: a load that is delivered again finds its own epoch and is refused.

local META, OPS, REFUSED, REFUSED_UNTIL, JOURNAL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local TICKETS, LIVE, COUNTERS, SHARES, NUMBERS, HOLDERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local BOARD, SUMMARY, CALLS, FEED = KEYS[12], KEYS[13], KEYS[14], KEYS[15]
local KEPT_S = 2 * 86400

local head = cjson.decode(ARGV[1])
local tickets, counters, shares = cjson.decode(ARGV[2]), cjson.decode(ARGV[3]), cjson.decode(ARGV[4])
local pause, ops, numbers = cjson.decode(ARGV[5]), cjson.decode(ARGV[6]), cjson.decode(ARGV[7])
local calls, channel = cjson.decode(ARGV[8]), ARGV[9]

local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
local epoch = redis.call('HGET', META, 'epoch')
if run .. '/' .. replid ~= head.server or (epoch and tonumber(epoch) >= head.epoch) then return 0 end

local line_of, live, counts = {}, {}, {}
local heads, head_count, last_turn = {}, 0, nil
for p, place in ipairs(head.places) do
  line_of[place] = {}
  for c, class in ipairs(head.classes) do line_of[place][class] = KEYS[15 + (p - 1) * #head.classes + c] end
end
for _, state in ipairs(head.live) do live[state] = true end
for _, state in ipairs(head.heads) do heads[state] = 1 end

redis.call('DEL', unpack(KEYS))

local function wait(row)
  local field = waiting_field(row)
  counts[field] = (counts[field] or 0) + 1
  local lines = line_of[row.bound and '@' .. row.bound or row.service]
  if not lines or not lines[row.class] then return end
  redis.call('ZADD', lines[row.class], string.format('%.14g', row.turn), row.id)
  redis.call('EXPIRE', lines[row.class], KEPT_S)
end

local function place(row)
  redis.call('ZADD', LIVE, row.day_number, row.id)
  row.day_number = nil
  redis.call('HSET', TICKETS, row.id, cjson.encode(row))
  redis.call('HSET', BOARD, 't:' .. row.id, cjson.encode(public(row)))
  if row.day ~= head.day or not live[row.state] then return end
  head_count = head_count + (heads[row.state] or 0)
  last_turn = math.max(last_turn or row.turn, row.turn)
  if row.holder then redis.call('HSET', HOLDERS, row.service .. ':' .. row.holder, row.id) end
  if row.state == 'waiting' then wait(row) end
end

for _, row in ipairs(tickets) do place(row) end
for _, row in ipairs(counters) do
  redis.call('HSET', COUNTERS, row.id, cjson.encode(row))
  redis.call('HSET', BOARD, 'c:' .. row.id, cjson.encode(row))
  if row.open then redis.call('HSET', SUMMARY, 'open:' .. row.id, 1) end
end
for _, row in ipairs(shares) do
  redis.call('HSET', SHARES, row.profile, row.calls)
  redis.call('HSET', SUMMARY, 'share:' .. row.profile, row.calls)
end
for _, op in ipairs(ops) do redis.call('ZADD', OPS, op[2], op[1]) end
for prefix, serial in pairs(numbers) do redis.call('HSET', NUMBERS, prefix, serial) end
for n = #calls, 1, -1 do redis.call('LPUSH', CALLS, cjson.encode(public(calls[n]))) end
for _, key in ipairs({ NUMBERS, HOLDERS }) do redis.call('EXPIRE', key, KEPT_S) end

redis.call('HSET', META, 'epoch', head.epoch, 'server', head.server, 'version', head.version,
  'committed', head.version, 'day', head.day, 'rev', head.rev, 'head_count', head_count)
redis.call('HSET', SUMMARY, 'epoch', head.epoch, 'version', head.version, 'day', head.day, 'head_count', head_count)
if last_turn then redis.call('HSET', META, 'last_turn', string.format('%.14g', last_turn)) end
if pause then
  redis.call('HSET', META, 'pause', cjson.encode(pause))
  redis.call('HSET', SUMMARY, 'pause', cjson.encode(pause))
end
for field, count in pairs(counts) do redis.call('HSET', SUMMARY, field, count) end
redis.call('PUBLISH', channel, cjson.encode({ hall = head.hall, epoch = head.epoch, loaded = head.version }))
return 1
