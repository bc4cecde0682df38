-- announce: bring board, summary, calls and feed up to the committed version, tell everybody, trim the journal.
--
-- KEYS[1] meta, KEYS[2] journal, KEYS[3] board (hash: t:<ticket>, c:<counter> -> public row), KEYS[4] summary (hash:
-- epoch, version, day, head_count, waiting:<service>:<class>, bound:<service>:<class>, open:<counter>,
-- share:<profile>, pause), KEYS[5] calls (list, newest first), KEYS[6] feed (stream)
-- ARGV[1] the epoch, ARGV[2] the version up to which SQL has everything, ARGV[3] the channel, ARGV[4] the hall,
-- ARGV[5] JSON: live (states that are no end), heads (states that count as heads)
-- returns  how many events were announced
--
-- Atomic, O(events). Running it twice announces nothing twice. Safe to lose: a rebuild writes the board anew.

-- What everybody may see of a ticket's row: no phone's hash. booking/loading.py says the same.
local function public(row)
  return {
    id = row.id, number = row.number, service = row.service, class = row.class, state = row.state, turn = row.turn,
    claimed = row.claimed, bound = row.bound, remaining = row.remaining, goods = row.goods, counter = row.counter,
    created_at = row.created_at, called_at = row.called_at, started_at = row.started_at, ended_at = row.ended_at,
    calls = row.calls, day = row.day, version = row.version,
  }
end

-- The summary's field that counts a waiting ticket.
local function waiting_field(row)
  return (row.bound and 'bound:' or 'waiting:') .. row.service .. ':' .. row.class
end

local META, JOURNAL, BOARD, SUMMARY, CALLS, FEED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local epoch, version, channel, hall = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local FEED_EVENTS, LAST_CALLS = 1000, 20

local states = cjson.decode(ARGV[5])
local live, heads = {}, {}
for _, state in ipairs(states.live) do live[state] = true end
for _, state in ipairs(states.heads) do heads[state] = 1 end

local in_force, known = unpack(redis.call('HMGET', META, 'epoch', 'committed'))
if in_force ~= epoch then return 0 end
local committed = math.max(version, tonumber(known))
local shown, today = unpack(redis.call('HMGET', SUMMARY, 'version', 'day'))
-- First of all a write that takes no room: after it Redis refuses a script nothing, however full it is. Numbers are
-- given and called then (kernel/lua/prelude.lua begins so too), and whoever is called must see it.
redis.call('XTRIM', JOURNAL, 'MINID', (shown + 1) .. '-0')
redis.call('HSET', META, 'committed', committed)

local counts = {} -- What is to be added to fields of the summary, once for all events.
local called = false

-- A JSON object with one more field, whose text is there already: rows are encoded once.
local function with(object, name, text)
  return string.sub(object, 1, -2) .. ',"' .. name .. '":' .. text .. '}'
end

-- Count the ticket as it is, or no longer as it was.
local function count(row, step)
  if not row or row.day ~= today then return end
  if heads[row.state] then counts.head_count = (counts.head_count or 0) + step end
  if row.state == 'waiting' then
    local field = waiting_field(row)
    counts[field] = (counts[field] or 0) + step
  end
end

-- Returns the public row's text.
local function show_ticket(event, row)
  local field = 't:' .. row.id
  local before = redis.call('HGET', BOARD, field)
  count(before and cjson.decode(before), -1)
  count(row, 1)
  local text = cjson.encode(row)
  if live[row.state] or (row.state == 'no_show' and row.day == today) then
    redis.call('HSET', BOARD, field, text)
  else
    redis.call('HDEL', BOARD, field)
  end
  if event.name == 'ticket.called' or event.name == 'ticket.recalled' then
    redis.call('LPUSH', CALLS, text)
    called = true
  end
  return text
end

-- Returns the row's text.
local function show_counter(row)
  local text = cjson.encode(row)
  redis.call('HSET', BOARD, 'c:' .. row.id, text)
  if row.open then redis.call('HSET', SUMMARY, 'open:' .. row.id, 1) else redis.call('HDEL', SUMMARY, 'open:' .. row.id) end
  return text
end

-- A new business day: nobody of yesterday is counted. Its no-shows leave the board now, its live tickets as they are
-- reset. O(board), once a day.
local function turn_over(day)
  local board = redis.call('HGETALL', BOARD)
  for n = 1, #board, 2 do
    local row = cjson.decode(board[n + 1])
    if row.state == 'no_show' and row.day ~= day then redis.call('HDEL', BOARD, board[n]) end
  end
  for _, field in ipairs(redis.call('HKEYS', SUMMARY)) do
    if string.match(field, '^waiting:') or string.match(field, '^bound:') then redis.call('HDEL', SUMMARY, field) end
  end
  redis.call('DEL', CALLS)
  redis.call('HSET', SUMMARY, 'day', day, 'head_count', 0)
  today, counts = day, {}
end

-- Returns the event's text.
local function show(entry)
  local rows = entry.rows or {}
  local event = { version = entry.version, name = entry.name, at = entry.at, from = entry.from, to = entry.to }
  event.share, event.pause, event.reason = rows.share, rows.pause, entry.reason
  event.day = entry.facts and entry.facts.day
  if event.day then turn_over(event.day) end
  local text = cjson.encode(event)
  if rows.ticket then text = with(text, 'ticket', show_ticket(event, public(rows.ticket))) end
  if rows.counter then text = with(text, 'counter', show_counter(rows.counter)) end
  if rows.share then redis.call('HSET', SUMMARY, 'share:' .. rows.share.profile, rows.share.calls) end
  if rows.pause then redis.call('HSET', SUMMARY, 'pause', cjson.encode(rows.pause)) end
  redis.call('XADD', FEED, 'MAXLEN', '~', FEED_EVENTS, event.version .. '-0', 'event', text)
  return text
end

local events, last = {}, nil
for _, item in ipairs(redis.call('XRANGE', JOURNAL, (shown + 1) .. '-0', committed .. '-0')) do
  local entry = cjson.decode(item[2][2])
  events[#events + 1], last = show(entry), entry.version
end
if last then
  for field, step in pairs(counts) do
    if step ~= 0 then redis.call('HINCRBY', SUMMARY, field, step) end
  end
  if called then redis.call('LTRIM', CALLS, 0, LAST_CALLS - 1) end
  redis.call('HSET', SUMMARY, 'version', last)
  local notice = cjson.encode({ hall = hall, epoch = tonumber(epoch) })
  redis.call('PUBLISH', channel, with(notice, 'events', '[' .. table.concat(events, ',') .. ']'))
end
redis.call('XTRIM', JOURNAL, 'MINID', (committed + 1) .. '-0')
return #events
