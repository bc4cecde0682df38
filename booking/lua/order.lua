-- order: who is called before whom. Follows hall.lua; booking/order.py says the same of the announced picture.
--
-- While only one kind of class waits, by turn. While both do: whoever has waited longest_wait_ms goes first, by turn;
-- else priority_calls calls in a row go to the priority classes, then one to the standard class.

local OVERDUE = NOW - head.longest_wait_ms -- A turn up to this one has waited too long.

-- The first of these lines: ticket id and turn.
local function first_of(lines)
  local id, turn
  for _, line in ipairs(lines) do
    local found = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
    local its = tonumber(found[2])
    if found[1] and (not id or its < turn or (its == turn and found[1] < id)) then id, turn = found[1], its end
  end
  return id, turn
end

-- The lines of some places, apart by kind.
local function lines_of(places)
  local standard, priority = {}, {}
  for _, place in ipairs(places) do
    for class, line in pairs(line_of[place] or {}) do
      local kind = class == STANDARD and standard or priority
      kind[#kind + 1] = line
    end
  end
  return standard, priority
end

local function profile_of(counter)
  for _, profile in ipairs(head.profiles) do
    for _, id in ipairs(profile.counters) do
      if id == counter then return profile end
    end
  end
end

local function places_of(profile, counter)
  local places = { unpack(profile.services) }
  if counter then places[#places + 1] = '@' .. counter end
  return places
end

local function calls_in_a_row(profile)
  return math.min(tonumber(redis.call('HGET', SHARES, profile.id) or 0), head.priority_calls)
end

local function share_row(profile, calls)
  return { id = head.hall .. '/' .. profile.id, hall = head.hall, profile = profile.id, calls = calls }
end

-- Whom the counter calls: ticket id, why it goes before somebody (nil: it does not), and the share as it is then.
local function next_of(counter)
  local profile = profile_of(counter)
  if not profile then return nil end
  local standard, priority = lines_of(places_of(profile, counter))
  local id, turn = first_of(standard)
  local other, other_turn = first_of(priority)
  if not (id and other) then return id or other end
  if math.min(turn, other_turn) <= OVERDUE then return turn <= other_turn and id or other, 'longest_wait' end
  local calls = calls_in_a_row(profile)
  if calls >= head.priority_calls then
    return id, other_turn < turn and 'share' or nil, share_row(profile, 0)
  end
  return other, turn < other_turn and 'priority' or nil, share_row(profile, calls + 1)
end

local function count(lines, turn)
  local sum = 0
  for _, line in ipairs(lines) do sum = sum + redis.call('ZCOUNT', line, '-inf', turn) end
  return sum
end

-- How many a counter with these lines would call before the row, if nobody else came. O(lines · log n).
local function before(row, profile, counter)
  local mine, others = lines_of(places_of(profile, counter))
  local k, calls = head.priority_calls, calls_in_a_row(profile)
  local standard = row.class == STANDARD
  if not standard then mine, others = others, mine end
  local turn = '(' .. string.format('%.14g', row.turn)
  local earlier, beside = count(mine, turn), count(others, '+inf')
  if beside == 0 then return earlier end
  if row.turn <= OVERDUE then return earlier + count(others, turn) end
  local late = string.format('%.14g', OVERDUE)
  local overdue, others_overdue = count(mine, late), count(others, late)
  local ahead, theirs = earlier - overdue, beside - others_overdue
  local between = standard and k - calls + ahead * k or math.floor((calls + ahead) / k)
  return overdue + others_overdue + ahead + math.min(theirs, between)
end

local function any_open(profile)
  for _, id in ipairs(profile.counters) do
    local counter = counter_row(id)
    if counter and counter.open then return true end
  end
  return false
end

-- The profiles of the counters that may call the row: those that are open, all of them while none is.
local function callers_of(row)
  local all, open = {}, {}
  for _, profile in ipairs(head.profiles) do
    for _, service in ipairs(profile.services) do
      if service == row.service then all[#all + 1] = profile end
    end
  end
  if #all < 2 then return all end
  for _, profile in ipairs(all) do
    if any_open(profile) then open[#open + 1] = profile end
  end
  return #open > 0 and open or all
end

-- How many would be called before the row, if nobody else came, at the counter where they are fewest.
local function people_ahead(row)
  if row.bound and profile_of(row.bound) then return before(row, profile_of(row.bound), row.bound) end
  local least
  for _, profile in ipairs(callers_of(row)) do
    local ahead = before(row, profile)
    if not least or ahead < least then least = ahead end
  end
  return least or count({ line_for(row) }, '(' .. string.format('%.14g', row.turn))
end

-- A turn before everybody who waits: as if its holder had waited too long, so that no class goes before.
local function first_turn()
  local first = OVERDUE
  for _, lines in pairs(line_of) do
    for _, line in pairs(lines) do
      local _, turn = first_of({ line })
      if turn then first = math.min(first, turn) end
    end
  end
  return first - 1
end

-- The lines in which "n places" counts: the row's class, in every service that is called wherever its own is.
local function companions(row)
  if row.bound then return { line_for(row) } end
  local lines = {}
  for _, service in ipairs(head.services) do
    local together = true
    for _, profile in ipairs(head.profiles) do
      local has = {}
      for _, one in ipairs(profile.services) do has[one] = true end
      if has[row.service] and not has[service] then together = false end
    end
    if together or service == row.service then lines[#lines + 1] = line_of[service][row.class] end
  end
  return lines
end

-- A turn after the next `places` people behind `turn`; the end when there are no more. O(lines · places).
local function turn_behind(row, turn, places)
  local turns = {}
  for _, line in ipairs(companions(row)) do
    local found = redis.call('ZRANGEBYSCORE', line, '(' .. string.format('%.14g', turn), '+inf', 'WITHSCORES',
      'LIMIT', 0, places + 1)
    for n = 2, #found, 2 do turns[#turns + 1] = tonumber(found[n]) end
  end
  table.sort(turns)
  if not turns[places + 1] then return last_turn() end
  return (turns[places] + turns[places + 1]) / 2
end
