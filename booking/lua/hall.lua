-- hall: the names and the moves that the line's verbs share. Follows the prelude.
--
-- KEYS[6]  tickets   hash: ticket id -> row; live ones and the day's no-shows
-- KEYS[7]  live      zset: ticket id by business day, for the reset after the roll-over
-- KEYS[8]  counters  hash: counter id -> row
-- KEYS[9]  shares    hash: profile -> how many calls in a row went to the priority classes
-- KEYS[10] numbers   hash: prefix -> last serial of the day
-- KEYS[11] holders   hash: <service>:<phone hash>, @hold:<hold on stock> -> ticket id, one live ticket each, of the day
-- KEYS[12…] line     zset for each of head.places and each of head.classes: ticket id by turn, of the day
-- head     also: day, day_number (days since 1970), rev, open (the hall is, now), services, prefixes (by service), shut
--          (services that give no numbers), places, classes, profiles, priority_calls, longest_wait_ms, requeue_places,
--          put_back_ms (how long after a no-show a ticket may be put back), capacity (absent: no limit)
--
-- A place is a service, or "@" and a counter: only that counter calls from there. A profile is what some counters have
-- in common: {id, services, counters}. A turn is a time: milliseconds since the day's midnight in UTC. SOURCES, TARGETS
-- and HEADS, which stand before this file, are the transition table (booking/states.py): Lua never repeats it.

local TICKETS, LIVE, COUNTERS, SHARES, NUMBERS, HOLDERS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local KEPT_S = 2 * 86400
local STANDARD = head.classes[1]
local NOW = head.now - head.day_number * 86400000
local STEP = 0.001 -- Between two who come within one millisecond.

local line_of = {}
for p, place in ipairs(head.places) do
  line_of[place] = {}
  for c, class in ipairs(head.classes) do line_of[place][class] = KEYS[11 + (p - 1) * #head.classes + c] end
end

-- A key of the day outlives it by a day: told once a batch, and again when the key may have gone meanwhile.
local kept = {}
local function keep(key)
  if not kept[key] then redis.call('EXPIRE', key, KEPT_S) end
  kept[key] = true
end

local function ticket_row(id)
  local row = redis.call('HGET', TICKETS, id)
  return row and cjson.decode(row)
end

local function counter_row(id)
  local row = redis.call('HGET', COUNTERS, id)
  return row and cjson.decode(row)
end

local function paused(what)
  local pause = meta.pause and cjson.decode(meta.pause)
  return pause and pause[what] and refusal('hall_paused', { words = pause.message })
end

local KEPT_ROWS = {
  ticket = function(row) redis.call('HSET', TICKETS, row.id, cjson.encode(row)) end,
  counter = function(row) redis.call('HSET', COUNTERS, row.id, cjson.encode(row)) end,
  share = function(row) redis.call('HSET', SHARES, row.profile, row.calls) end,
  pause = function(row)
    note('pause', cjson.encode(row))
  end,
}

local function save(change)
  local version = tonumber(meta.version) + 1
  for name, keep in pairs(KEPT_ROWS) do
    local row = change.rows[name]
    if row then
      row.version, row.epoch = version, tonumber(meta.epoch)
      keep(row)
    end
  end
end

local function count_heads(row, from)
  local step = (HEADS[row.state] or 0) - (HEADS[from] or 0)
  if step ~= 0 and row.day == meta.day then note('head_count', tonumber(meta.head_count) + step) end
end

local function holder_field(row, service)
  return (service or row.service) .. ':' .. row.holder
end

-- Whether another live ticket of the same phone is in the service today: a phone has one there, however it comes in.
local function waits_already(row, service)
  local ticket = row.holder and redis.call('HGET', HOLDERS, holder_field(row, service))
  return ticket and ticket ~= row.id
end

local function carrier_field(hold)
  return '@hold:' .. hold
end

-- What one live ticket of the day may have, and this one has.
local function claims(row)
  local fields = {}
  if row.holder then fields[1] = holder_field(row) end
  if row.hold then fields[#fields + 1] = carrier_field(row.hold) end
  return fields
end

-- nil when the action may be taken, else the refusal.
local function forbidden(row, action)
  if not row then return refusal('unknown_ticket') end
  if string.find(SOURCES[action], ',' .. row.state .. ',', 1, true) then return nil end
  return refusal('wrong_state', { state = row.state })
end

-- As `forbidden`, for what calls a ticket, puts it into the line or keeps it out for a while: yesterday's can only end.
local function forbidden_today(row, action)
  if row and row.day ~= meta.day then return refusal('wrong_state', { state = 'reset' }) end
  return forbidden(row, action)
end

local function place_of(row)
  return row.bound and '@' .. row.bound or row.service
end

-- The line that the ticket stands in; nil when its service or class was taken away.
local function line_for(row)
  local lines = line_of[place_of(row)]
  return lines and lines[row.class]
end

-- The turn of whoever comes now: after everybody, whatever a clock says.
local function last_turn()
  return meta.last_turn and math.max(NOW, tonumber(meta.last_turn) + STEP) or NOW
end

-- JSON carries 14 digits of a number: with no more in the line, the board and SQL order it alike.
local function join_line(row, turn)
  local digits = string.format('%.14g', turn)
  row.turn = tonumber(digits)
  if not meta.last_turn or row.turn > tonumber(meta.last_turn) then
    note('last_turn', digits)
  end
  local line = line_for(row)
  if not line then return end
  redis.call('ZADD', line, digits, row.id)
  keep(line)
end

local function leave_line(row)
  local line = line_for(row)
  if not line then return end
  redis.call('ZREM', line, row.id)
  kept[line] = nil -- The last one out takes the key along.
end

-- The counter that has the ticket, freed; nil when none has it.
local function freed_counter(row)
  local counter = row.counter and counter_row(row.counter)
  if not counter or counter.ticket ~= row.id then return nil end
  counter.ticket, counter.since = nil, head.now
  return counter
end

-- Nobody counts the ticket any more as its phone's one live ticket, nor as what carries its hold.
local function let_go(row)
  if row.day ~= meta.day then return end
  for _, field in ipairs(claims(row)) do
    if redis.call('HGET', HOLDERS, field) == row.id then
      redis.call('HDEL', HOLDERS, field)
      kept[HOLDERS] = nil
    end
  end
end

local function hold(row)
  redis.call('ZADD', LIVE, head.day_number, row.id)
  for _, field in ipairs(claims(row)) do
    redis.call('HSETNX', HOLDERS, field, row.id)
    keep(HOLDERS)
  end
end

-- Move `row` by `action` and keep it. Returns the change for the journal, without its name.
local function move(row, action, change)
  change.from, change.to = row.state, TARGETS[action]
  change.subject, change.counter = row.id, change.counter or row.counter
  row.state = change.to
  count_heads(row, change.from)
  change.rows = change.rows or {}
  change.rows.ticket = row
  save(change)
  return change
end

-- An end: out of the line, off its counter; Redis forgets it unless it may be put back.
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

-- Back into the line from wherever the ticket is: off its counter, to `service` and the counter `bound` (nil: any).
local function send(row, action, to, change)
  leave_line(row)
  change.counter = row.counter
  change.rows = { counter = freed_counter(row) }
  if to.service and to.service ~= row.service then
    let_go(row)
    row.service = to.service
  end
  hold(row)
  row.bound, row.counter, row.ended_at, row.started_at = to.bound, nil, nil, nil
  join_line(row, to.turn)
  return move(row, action, change)
end

-- The service that the visit goes on with, and what remains after it; nil when it ends here. Where its phone waits with
-- another ticket it does not go.
local function next_service(row)
  local rest = row.remaining
  while rest do
    local service, after = string.match(rest, '^([^,]+),?(.*)$')
    rest = after ~= '' and after or nil
    if line_of[service] and not waits_already(row, service) then return service, rest end
  end
end

-- The person was served here: the visit goes on with its next service, by age, or ends.
local function complete(row, outcome)
  local service, rest
  if row.day == meta.day then service, rest = next_service(row) end
  row.outcome = outcome
  if not service then return finish(row, 'complete', { name = 'ticket.completed', reason = outcome }, false) end
  row.remaining = rest
  local to = { service = service, turn = row.age or row.turn }
  return send(row, 'transfer', to, { name = 'ticket.transferred', reason = 'next_service' })
end

-- The caller's idea of the day and of the hall's configuration must not be older than the line's. A newer day rolls the
-- line over: O(1), yesterday's tickets are reset afterwards, in chunks. What a faster clock had begun of that day in an
-- epoch that has ended was never committed, or the rebuild would have begun with the day.
local function prepare()
  if head.day < meta.day then return { 'DAY', meta.day } end
  if head.rev < tonumber(meta.rev) then return { 'REV', tonumber(meta.rev) } end
  if head.rev > tonumber(meta.rev) then
    note('rev', head.rev)
  end
  if head.day > meta.day then
    note('day', head.day)
    note('head_count', 0)
    meta.last_turn = nil
    redis.call('HDEL', META, 'last_turn')
    redis.call('DEL', unpack(KEYS, 10))
    local clock = { op = 'day:' .. head.hall .. ':' .. head.day .. ':' .. meta.version, body = '', actor = 'clock' }
    record(clock, 0, { name = 'hall.changed', rows = {}, facts = { day = head.day } })
  end
end
