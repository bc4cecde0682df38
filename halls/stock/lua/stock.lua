-- stock: the names and the changes that the verbs of stock share. Follows the prelude.
--
-- KEYS[6]  levels       hash: sku -> row
-- KEYS[7]  holds        hash: hold id -> row; the active ones
-- KEYS[8]  due          zset: the same ids by the ms at which each ends
-- KEYS[9]  holders      hash: holder -> ids of their active holds, separated by commas
-- KEYS[10] allocations  hash: allocation id -> row; those that are neither handed over nor let go
-- KEYS[11] serials      hash: <sku>/<serial> -> row; the pieces that are here
-- KEYS[12] turned       hash: sku -> {at, available}: when a crowd was last told that there is no more; 10 min
-- head     also: place, hold_ms, hold_cap_ms, carried_cap_ms, holds_per_holder
--
-- What is here is `on_hand`; 0 <= held + allocated <= on_hand in every row that is ever written. A hold whose time has
-- come counts as ended whether or not anybody has noticed: every verb about holds lets go of those first.

local LEVELS, HOLDS, DUE, HOLDERS, ALLOCATIONS, SERIALS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local TURNED = KEYS[12]
local CHUNK = 500 -- Ended holds that one verb lets go of: a few milliseconds.

local function row_of(key, field)
  local row = redis.call('HGET', key, field)
  return row and cjson.decode(row)
end

local function level_of(sku)
  return row_of(LEVELS, sku)
    or { id = head.place .. '/' .. sku, place = head.place, sku = sku, on_hand = 0, allocated = 0, held = 0 }
end

local function available(level)
  return level.on_hand - level.allocated - level.held
end

local function holds_of(holder)
  local ids = {}
  for id in string.gmatch(redis.call('HGET', HOLDERS, holder) or '', '[^,]+') do ids[#ids + 1] = id end
  return ids
end

local function keep_holds_of(holder, ids)
  if #ids == 0 then
    redis.call('HDEL', HOLDERS, holder)
  else
    redis.call('HSET', HOLDERS, holder, table.concat(ids, ','))
  end
end

local function keep_hold(row)
  local others = {}
  for _, id in ipairs(holds_of(row.holder)) do
    if id ~= row.id then others[#others + 1] = id end
  end
  if row.state == 'active' then
    others[#others + 1] = row.id
    redis.call('HSET', HOLDS, row.id, cjson.encode(row))
    redis.call('ZADD', DUE, row.expires_at, row.id)
  else
    redis.call('HDEL', HOLDS, row.id)
    redis.call('ZREM', DUE, row.id)
  end
  keep_holds_of(row.holder, others)
end

local function keep_while(key, field, row, state)
  if row.state == state then redis.call('HSET', key, field, cjson.encode(row)) else redis.call('HDEL', key, field) end
end

local KEPT_ROWS = {
  level = function(row) redis.call('HSET', LEVELS, row.sku, cjson.encode(row)) end,
  hold = keep_hold,
  allocation = function(row) keep_while(ALLOCATIONS, row.id, row, 'allocated') end,
  serial = function(row) keep_while(SERIALS, row.sku .. '/' .. row.serial, row, 'here') end,
}

-- One change: its rows get the version that it will have, Redis keeps them, the journal records it.
local function change(command, ordinal, name, rows, told)
  local version = tonumber(meta.version) + 1
  for kind, row in pairs(rows) do
    row.epoch, row.version = tonumber(meta.epoch), version
    if KEPT_ROWS[kind] then KEPT_ROWS[kind](row) end
  end
  told = told or {}
  record(command, ordinal, {
    name = name, rows = rows, subject = told.subject, reason = told.reason, from = told.from, to = told.to,
    facts = told.facts,
  })
end

-- The movement by which a level has come to what it is; told: reason, subject, other, pair.
local function movement(command, kind, level, quantity, told)
  return {
    id = head.place .. '/' .. meta.epoch .. '/' .. string.format('%d', tonumber(meta.version) + 1),
    place = head.place, sku = level.sku, kind = kind, quantity = quantity, on_hand = level.on_hand, at = head.now,
    actor = command.actor, reason = told.reason, subject = told.subject, other = told.other, pair = told.pair,
  }
end

-- What is here has changed by `quantity`; how much is held and allocated of it has been changed in `level` before.
local function move(command, ordinal, kind, level, quantity, told)
  level.on_hand = level.on_hand + quantity
  local rows = told.rows or {}
  rows.level, rows.movement = level, movement(command, kind, level, quantity, told)
  change(command, ordinal, 'stock.' .. kind, rows, told)
end

-- Pieces with numbers of their own, before the change that they belong to; returns that change's ordinal.
local function come(command, sku, serials)
  for n, serial in ipairs(serials or {}) do
    local row = {
      id = head.place .. '/' .. sku .. '/' .. serial, place = head.place, sku = sku, serial = serial, state = 'here',
      here = true,
    }
    change(command, n - 1, 'stock.piece_came', { serial = row })
  end
  return #(serials or {})
end

local function go(command, sku, serials, allocation)
  for n, serial in ipairs(serials or {}) do
    local row = row_of(SERIALS, sku .. '/' .. serial)
    row.state, row.here, row.allocation = 'gone', nil, allocation
    change(command, n - 1, 'stock.piece_went', { serial = row })
  end
  return #(serials or {})
end

local function not_here(sku, serials)
  for _, serial in ipairs(serials or {}) do
    if redis.call('HEXISTS', SERIALS, sku .. '/' .. serial) == 0 then return refusal('serial_unknown', { serial = serial }) end
  end
end

local function here_already(sku, serials)
  for _, serial in ipairs(serials or {}) do
    if redis.call('HEXISTS', SERIALS, sku .. '/' .. serial) == 1 then return refusal('serial_taken', { serial = serial }) end
  end
end

-- End a hold: what it kept can be had again, unless it is `converted`.
local function end_hold(command, name, hold, state, why)
  local level = level_of(hold.sku)
  level.held = level.held - hold.quantity
  hold.state, hold.ended_at, hold.why = state, head.now, why
  change(command, 0, name, { level = level, hold = hold }, { subject = hold.id, from = 'active', to = state, reason = why })
end

-- Each by an operation of its own, the clock's: the verb that noticed may be refused. Returns how many.
local function let_go()
  local due = redis.call('ZRANGEBYSCORE', DUE, '-inf', head.now, 'LIMIT', 0, CHUNK)
  for _, id in ipairs(due) do
    end_hold({ op = 'expired:' .. id, body = '', actor = 'clock' }, 'stock.expired', row_of(HOLDS, id), 'expired')
  end
  return #due
end
