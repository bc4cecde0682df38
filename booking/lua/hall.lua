-- hall: the names and the moves that the line's verbs share. Follows the prelude.
--
-- KEYS[6]  tickets   hash: ticket id -> row; live ones and the day's no-shows
-- KEYS[7]  live      zset: ticket id by business day, for the reset after the roll-over
-- KEYS[8]  counters  hash: counter id -> row
-- KEYS[9]  numbers   hash: prefix -> last serial of the day
-- KEYS[10] holders   hash: <service>:<phone hash> -> ticket id, one live ticket each, of the day
-- KEYS[11…] line     zset a service of head.services: ticket id by turn, of the day
-- head     also: day, day_number (days since 1970), rev, services, capacity (absent: no limit), live, sources, targets
--
-- sources and targets are the transition table (booking/states.py) as data: Lua never repeats it.

local TICKETS, LIVE, COUNTERS, NUMBERS, HOLDERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local KEPT_S = 2 * 86400

local line_of, live_states = {}, {}
for n, service in ipairs(head.services) do line_of[service] = KEYS[10 + n] end
for _, state in ipairs(head.live) do live_states[state] = true end

local function ticket_row(id)
  local row = redis.call('HGET', TICKETS, id)
  return row and cjson.decode(row)
end

local function counter_row(id)
  local row = redis.call('HGET', COUNTERS, id)
  return row and cjson.decode(row)
end

local function save(change)
  local version = tonumber(meta.version) + 1
  for name, key in pairs({ ticket = TICKETS, counter = COUNTERS }) do
    local row = change.rows[name]
    if row then
      row.version, row.epoch = version, tonumber(meta.epoch)
      redis.call('HSET', key, row.id, cjson.encode(row))
    end
  end
end

local function head_count(step)
  meta.head_count = redis.call('HINCRBY', META, 'head_count', step)
end

local function holder_field(row)
  return row.service .. ':' .. row.holder
end

-- nil when the action may be taken, else the refusal.
local function forbidden(row, action)
  if not row then return refusal('unknown_ticket') end
  for _, state in ipairs(head.sources[action]) do
    if row.state == state then return nil end
  end
  return refusal('wrong_state', { state = row.state })
end

-- JSON carries 14 digits of a number: with no more in the line, the board and SQL order it alike.
local function join_line(row, turn)
  local digits = string.format('%.14g', turn)
  row.turn = tonumber(digits)
  local line = line_of[row.service]
  redis.call('ZADD', line, digits, row.id)
  redis.call('EXPIRE', line, KEPT_S)
end

local function leave_line(row)
  if line_of[row.service] then redis.call('ZREM', line_of[row.service], row.id) end
end

-- The counter that has the ticket, freed; nil when none has it.
local function freed_counter(row)
  local counter = row.counter and counter_row(row.counter)
  if not counter or counter.ticket ~= row.id then return nil end
  counter.ticket, counter.since = nil, head.now
  return counter
end

-- Nobody counts the ticket any more: not as a head, not as its phone's one live ticket.
local function let_go(row)
  if row.day ~= meta.day then return end
  head_count(-1)
  if row.holder and redis.call('HGET', HOLDERS, holder_field(row)) == row.id then
    redis.call('HDEL', HOLDERS, holder_field(row))
  end
end

local function hold(row)
  head_count(1)
  redis.call('ZADD', LIVE, head.day_number, row.id)
  if row.holder then
    redis.call('HSET', HOLDERS, holder_field(row), row.id)
    redis.call('EXPIRE', HOLDERS, KEPT_S)
  end
end

-- Move `row` by `action` and keep it; an end lets it go. Returns the change for the journal, without its name.
local function move(row, action, change)
  change.from, change.to = row.state, head.targets[action]
  change.subject, change.counter = row.id, change.counter or row.counter
  row.state = change.to
  change.rows = change.rows or {}
  change.rows.ticket = row
  save(change)
  return change
end

-- An end: out of the line, off its counter, not a head any more; Redis forgets it unless it may be put back.
local function finish(row, action, change, keep)
  leave_line(row)
  let_go(row)
  row.ended_at = head.now
  change.counter = row.counter
  change.rows = { counter = freed_counter(row) }
  change = move(row, action, change)
  if not keep then
    redis.call('HDEL', TICKETS, row.id)
    redis.call('ZREM', LIVE, row.id)
  end
  return change
end

-- The caller's idea of the day and of the hall's configuration must not be older than the line's. A newer day rolls the
-- line over: O(1), yesterday's tickets are reset afterwards, in chunks. What a faster clock had begun of that day in an
-- epoch that has ended was never committed, or the rebuild would have begun with the day.
local function prepare()
  if head.day < meta.day then return { 'DAY', meta.day } end
  if head.rev < tonumber(meta.rev) then return { 'REV', tonumber(meta.rev) } end
  if head.rev > tonumber(meta.rev) then
    meta.rev = head.rev
    redis.call('HSET', META, 'rev', head.rev)
  end
  if head.day > meta.day then
    meta.day, meta.head_count = head.day, 0
    redis.call('HSET', META, 'day', head.day, 'head_count', 0)
    redis.call('DEL', unpack(KEYS, 9))
    local clock = { op = 'day:' .. head.hall .. ':' .. head.day .. ':' .. meta.version, body = '', actor = 'clock' }
    record(clock, 0, { name = 'hall.changed', rows = {}, facts = { day = head.day } })
  end
end
