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

if redis.call('HGET', META, 'epoch') ~= epoch then return 0 end
local committed = math.max(version, tonumber(redis.call('HGET', META, 'committed')))
local shown = tonumber(redis.call('HGET', SUMMARY, 'version'))
redis.call('HSET', META, 'committed', committed)
local today = redis.call('HGET', SUMMARY, 'day')

-- Count the ticket as it is, or no longer as it was.
local function count(row, step)
  if not row or row.day ~= today then return end
  if heads[row.state] then redis.call('HINCRBY', SUMMARY, 'head_count', step) end
  if row.state == 'waiting' then redis.call('HINCRBY', SUMMARY, waiting_field(row), step) end
end

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
    redis.call('LTRIM', CALLS, 0, LAST_CALLS - 1)
  end
end

local function show_counter(row)
  redis.call('HSET', BOARD, 'c:' .. row.id, cjson.encode(row))
  if row.open then redis.call('HSET', SUMMARY, 'open:' .. row.id, 1) else redis.call('HDEL', SUMMARY, 'open:' .. row.id) end
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
  today = day
end

local function show(entry)
  local rows = entry.rows or {}
  local event = { version = entry.version, name = entry.name, at = entry.at, from = entry.from, to = entry.to }
  event.counter, event.share, event.pause, event.reason = rows.counter, rows.share, rows.pause, entry.reason
  event.day = entry.facts and entry.facts.day
  if event.day then turn_over(event.day) end
  if rows.ticket then
    event.ticket = public(rows.ticket)
    show_ticket(event, event.ticket)
  end
  if rows.counter then show_counter(rows.counter) end
  if rows.share then redis.call('HSET', SUMMARY, 'share:' .. rows.share.profile, rows.share.calls) end
  if rows.pause then redis.call('HSET', SUMMARY, 'pause', cjson.encode(rows.pause)) end
  redis.call('XADD', FEED, 'MAXLEN', '~', FEED_EVENTS, event.version .. '-0', 'event', cjson.encode(event))
  return event
end

local events = {}
for _, item in ipairs(redis.call('XRANGE', JOURNAL, (shown + 1) .. '-0', committed .. '-0')) do
  events[#events + 1] = show(cjson.decode(item[2][2]))
end
if #events > 0 then
  redis.call('HSET', SUMMARY, 'version', events[#events].version)
  redis.call('PUBLISH', channel, cjson.encode({ hall = hall, epoch = tonumber(epoch), events = events }))
end
redis.call('XTRIM', JOURNAL, 'MINID', (committed + 1) .. '-0')
return #events
