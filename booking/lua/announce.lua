-- announce: bring board, summary, calls and feed up to the committed version, tell everybody, trim the journal.
--
-- KEYS[1] meta, KEYS[2] journal, KEYS[3] board (hash: t:<ticket>, c:<counter> -> public row), KEYS[4] summary (hash:
-- epoch, version, day, head_count, waiting:<service>), KEYS[5] calls (list, newest first), KEYS[6] feed (stream)
-- ARGV[1] the epoch, ARGV[2] the version up to which SQL has everything, ARGV[3] the channel, ARGV[4] the hall,
-- ARGV[5] JSON: live (states that count as heads)
-- returns  how many events were announced
--
-- Atomic, O(events). Running it twice announces nothing twice. Safe to lose: a rebuild writes the board anew.

local META, JOURNAL, BOARD, SUMMARY, CALLS, FEED = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local epoch, version, channel, hall = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local FEED_EVENTS, LAST_CALLS = 1000, 20

local live = {}
for _, state in ipairs(cjson.decode(ARGV[5]).live) do live[state] = true end

if redis.call('HGET', META, 'epoch') ~= epoch then return 0 end
local committed = math.max(version, tonumber(redis.call('HGET', META, 'committed')))
local shown = tonumber(redis.call('HGET', SUMMARY, 'version'))
redis.call('HSET', META, 'committed', committed)

local function count(row, from)
  if row.day ~= redis.call('HGET', SUMMARY, 'day') then return end
  if live[from] ~= live[row.state] then redis.call('HINCRBY', SUMMARY, 'head_count', live[row.state] and 1 or -1) end
  if from ~= row.state and (from == 'waiting' or row.state == 'waiting') then
    redis.call('HINCRBY', SUMMARY, 'waiting:' .. row.service, row.state == 'waiting' and 1 or -1)
  end
end

local function show_ticket(event, row)
  local field = 't:' .. row.id
  local text = cjson.encode(row)
  if live[row.state] or (row.state == 'no_show' and row.day == redis.call('HGET', SUMMARY, 'day')) then
    redis.call('HSET', BOARD, field, text)
  else
    redis.call('HDEL', BOARD, field)
  end
  if event.name == 'ticket.called' or event.name == 'ticket.recalled' then
    redis.call('LPUSH', CALLS, text)
    redis.call('LTRIM', CALLS, 0, LAST_CALLS - 1)
  end
end

-- A new business day: nobody of yesterday is counted. Its no-shows leave the board now, its live tickets as they are
-- reset. O(board), once a day.
local function turn_over(day)
  local board = redis.call('HGETALL', BOARD)
  for n = 1, #board, 2 do
    local row = cjson.decode(board[n + 1])
    if row.state == 'no_show' and row.day ~= day then redis.call('HDEL', BOARD, board[n]) end
  end
  redis.call('DEL', SUMMARY, CALLS)
  redis.call('HSET', SUMMARY, 'epoch', epoch, 'day', day, 'head_count', 0)
end

local function show(entry)
  local event = { version = entry.version, name = entry.name, at = entry.at, from = entry.from, to = entry.to }
  event.counter = entry.rows.counter
  event.day = entry.facts and entry.facts.day
  if event.day then turn_over(event.day) end
  if entry.rows.ticket then
    event.ticket = public(entry.rows.ticket)
    count(event.ticket, entry.from)
    show_ticket(event, event.ticket)
  end
  if event.counter then redis.call('HSET', BOARD, 'c:' .. event.counter.id, cjson.encode(event.counter)) end
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
